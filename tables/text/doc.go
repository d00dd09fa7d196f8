// Package text is the local text store: the tables text_lines and words over
// the files of a folder, read in parallel.
//
// A query reads the files as they are when it is opened: the folder is listed
// then, each file is read up to the size it has when its turn comes, and
// nothing is cached between queries. A file that turns out shorter, is cut, or
// has vanished since it was listed is a *tables.DataError that names it, and
// never a smaller count.
//
// # Files
//
// The folder is read with all its subfolders. Names that begin with _ or . are
// skipped. Subfolders named key=value are partition columns. Files named *.gz,
// *.bz2 and *.deflate are decompressed; files of any other known compression
// are an error that names the file, unless WHERE excludes them by path or
// partition. As in Hadoop, the suffix's case matters.
//
// Lines end at \n, \r\n or \r, as in Hive; a UTF-8 byte order mark at a file's
// beginning is no part of its first line. Each byte of a line that isn't valid
// UTF-8 becomes U+FFFD, also each byte of a character that is cut off.
//
// What a word is, package wordrule says. DESIGN.md says why the rest is as it
// is.
package text
