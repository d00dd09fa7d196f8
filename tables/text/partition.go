package text

import "strings"

// defaultPartition is the folder value that Hive writes for NULL.
const defaultPartition = "__HIVE_DEFAULT_PARTITION__"

// partitionValue is the value of a partition column for the files of a folder.
type partitionValue struct {
	value string
	null  bool
}

// parsePartition takes a folder's name apart at its first =. A name without
// one, or with nothing before or after it, is an ordinary folder's.
func parsePartition(name string) (key string, value partitionValue, ok bool) {
	key, v, found := strings.Cut(name, "=")
	if !found || key == "" || v == "" {
		return "", partitionValue{}, false
	}
	key = strings.ToLower(validUTF8(unescapePath(key)))
	if v == defaultPartition {
		return key, partitionValue{null: true}, true
	}
	return key, partitionValue{value: validUTF8(unescapePath(v))}, true
}

// unescapePath undoes Hive's FileUtils.escapePathName: %XX is the character
// with that number, not a byte of UTF-8; Hive only escapes ASCII.
func unescapePath(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteRune(rune(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
