package difftest

import "regexp"

// Translate writes a portable statement as MariaDB understands it: it has no
// operators -> and ->>.
func Translate(sql string) string {
	sql = unquotedPath.ReplaceAllString(sql, "JSON_UNQUOTE(JSON_EXTRACT($1, $2))")
	return extractedPath.ReplaceAllString(sql, "JSON_EXTRACT($1, $2)")
}

var (
	unquotedPath  = regexp.MustCompile(`([\w.]+)->>('[^']*')`)
	extractedPath = regexp.MustCompile(`([\w.]+)->('[^']*')`)
)
