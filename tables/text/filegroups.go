package text

import (
	"encoding/binary"
	"slices"
)

// fileGroups numbers the files of a query by what they give to its groups.
type fileGroups struct {
	of    []uint32 // a file's inner group
	like  []*file  // a file of each inner group
	outer []uint32 // the group of GROUP BY that an inner group belongs to: one of its inner groups
}

func newFileGroups(g *grouping, files []*file) *fileGroups {
	fg := &fileGroups{of: make([]uint32, len(files))}
	outerKeys := slices.DeleteFunc(slices.Clone(g.keys), func(c column) bool { return !c.ofFile() })
	inner, outer := map[string]uint32{}, map[string]uint32{}
	var key []byte
	for i, f := range files {
		key = appendFileKey(key[:0], g.fileKeys, f)
		for _, c := range g.nullness {
			key = append(key, byte(truthOf(f.partition(c.partition).null)))
		}
		n, known := inner[string(key)]
		if !known {
			n = uint32(len(fg.like))
			inner[string(key)] = n
			fg.like = append(fg.like, f)
			key = appendFileKey(key[:0], outerKeys, f)
			o, known := outer[string(key)]
			if !known {
				o = n
				outer[string(key)] = o
			}
			fg.outer = append(fg.outer, o)
		}
		fg.of[i] = n
	}
	return fg
}

// appendFileKey appends the values of the columns, so that different values
// give different keys.
func appendFileKey(dst []byte, columns []column, f *file) []byte {
	for _, c := range columns {
		v := partitionValue{value: f.path}
		if c.kind == colPartition {
			v = f.partition(c.partition)
		}
		if v.null {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(append(dst, 1), uint64(len(v.value)))
		dst = append(dst, v.value...)
	}
	return dst
}
