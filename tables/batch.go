package tables

// A Batch is N rows as typed columns. The zero Batch is ready for use.
type Batch struct {
	N    int
	Cols []Vector
}

// A Vector is one column of a Batch. Kind.Storage says which slice holds the
// values; that slice has at least Batch.N elements, the others are nil.
type Vector struct {
	Type    Type
	Nulls   Bitmap // nil: no NULLs
	Ints    []int64
	Uints   []uint64
	Floats  []float64
	Strings []string
}

// Bitmap holds one bit a row; a set bit means NULL.
type Bitmap []uint64

// NewBitmap makes a bitmap of n clear bits.
func NewBitmap(n int) Bitmap { return make(Bitmap, (n+63)/64) }

// Set sets bit i.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (i & 63) }

// Get reports bit i; false for a nil bitmap.
func (b Bitmap) Get(i int) bool { return b != nil && b[i>>6]&(1<<(i&63)) != 0 }

// NewVector makes a vector for n values of type t, without NULLs.
func NewVector(t Type, n int) Vector {
	v := Vector{Type: t}
	switch t.Kind.Storage() {
	case StoreInts:
		v.Ints = make([]int64, n)
	case StoreUints:
		v.Uints = make([]uint64, n)
	case StoreFloats:
		v.Floats = make([]float64, n)
	case StoreStrings:
		v.Strings = make([]string, n)
	case StoreNone:
		v.Nulls = NewBitmap(n)
		for i := range v.Nulls {
			v.Nulls[i] = ^uint64(0)
		}
	}
	return v
}

// Len is the number of values that the vector has room for.
func (v *Vector) Len() int {
	switch v.Type.Kind.Storage() {
	case StoreInts:
		return len(v.Ints)
	case StoreUints:
		return len(v.Uints)
	case StoreFloats:
		return len(v.Floats)
	case StoreStrings:
		return len(v.Strings)
	}
	return len(v.Nulls) * 64
}

// SetNull makes value i NULL.
func (v *Vector) SetNull(i int) {
	if v.Nulls == nil {
		v.Nulls = NewBitmap(v.Len())
	}
	v.Nulls.Set(i)
}

// Set puts x, which must be of the vector's storage or NULL, at i.
func (v *Vector) Set(i int, x Value) {
	if x.IsNull() {
		v.SetNull(i)
		return
	}
	switch v.Type.Kind.Storage() {
	case StoreInts:
		v.Ints[i] = x.I
	case StoreUints:
		v.Uints[i] = x.U
	case StoreFloats:
		v.Floats[i] = x.F
	case StoreStrings:
		v.Strings[i] = x.S
	}
}

// Value is value i.
func (v *Vector) Value(i int) Value {
	if v.Nulls.Get(i) {
		return NullOf(v.Type)
	}
	x := Value{Type: v.Type}
	switch v.Type.Kind.Storage() {
	case StoreInts:
		x.I = v.Ints[i]
	case StoreUints:
		x.U = v.Uints[i]
	case StoreFloats:
		x.F = v.Floats[i]
	case StoreStrings:
		x.S = v.Strings[i]
	case StoreNone:
		x.Null = true
	}
	return x
}
