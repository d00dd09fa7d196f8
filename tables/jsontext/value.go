// Package jsontext reads JSON as MySQL does and writes it as MySQL prints it.
//
// Numbers stay what they are: BIGINT, BIGINT UNSIGNED or DOUBLE, and never an
// integer that went through a DOUBLE. What MySQL's JSON type can't hold is an
// error here too.
package jsontext

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is what a Value is.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	False
	True
	Int    // fits BIGINT
	Uint   // fits BIGINT UNSIGNED only
	Double // everything else
	String
	Array
	Object
)

// Value is a JSON value.
type Value struct {
	Kind   Kind
	Int    int64
	Uint   uint64
	Double float64
	Text   string  // of a String
	Items  []Value // of an Array
	Fields []Field // of an Object, in the order of the text, repeated names included
}

// Field is a member of an object.
type Field struct {
	Name  string
	Value Value
}

// IsNumber reports whether the value is a number.
func (v *Value) IsNumber() bool { return v.Kind == Int || v.Kind == Uint || v.Kind == Double }

// Float is a number as a DOUBLE.
func (v *Value) Float() float64 {
	switch v.Kind {
	case Int:
		return float64(v.Int)
	case Uint:
		return float64(v.Uint)
	}
	return v.Double
}

// CompareNames orders the names of an object's members as MySQL does: by their
// lengths, and then bytewise.
func CompareNames(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// members are the fields as MySQL keeps them: of several with one name the
// last, in the order of their names.
func (v *Value) members() []*Field {
	members := make([]*Field, len(v.Fields))
	for i := range v.Fields {
		members[i] = &v.Fields[i]
	}
	slices.SortStableFunc(members, func(a, b *Field) int { return CompareNames(a.Name, b.Name) })
	kept := members[:0]
	for i, f := range members {
		if i+1 == len(members) || members[i+1].Name != f.Name {
			kept = append(kept, f)
		}
	}
	return kept
}
