package semantics

import (
	"math/rand/v2"
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// Rand is RAND() and RAND(seed). A constant seed starts one sequence for the
// statement; a seed that depends on the row starts anew for each row (MySQL
// manual, "Mathematical Functions").
type Rand struct {
	Seed sql.Expression // nil: none

	mu      sync.Mutex
	started bool
	one     uint32
	two     uint32
}

var (
	_ sql.FunctionExpression         = (*Rand)(nil)
	_ sql.NonDeterministicExpression = (*Rand)(nil)
	_ sql.CollationCoercible         = (*Rand)(nil)
)

// NewRand is the constructor of RAND for the catalog.
func NewRand(_ *sql.Context, args ...sql.Expression) (sql.Expression, error) {
	switch len(args) {
	case 0:
		return &Rand{}, nil
	case 1:
		return &Rand{Seed: args[0]}, nil
	}
	return nil, sql.ErrInvalidArgumentNumber.New("rand", "0 or 1", len(args))
}

// FunctionName implements sql.FunctionExpression.
func (*Rand) FunctionName() string { return "rand" }

// Description implements sql.FunctionExpression.
func (*Rand) Description() string { return "returns a random number in the range 0 <= x < 1." }

// IsNonDeterministic implements sql.NonDeterministicExpression.
func (*Rand) IsNonDeterministic() bool { return true }

// Type implements sql.Expression.
func (*Rand) Type(*sql.Context) sql.Type { return floatType }

// IsNullable implements sql.Expression.
func (*Rand) IsNullable(*sql.Context) bool { return false }

// CollationCoercibility implements sql.CollationCoercible.
func (*Rand) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// Resolved implements sql.Expression.
func (r *Rand) Resolved() bool { return r.Seed == nil || r.Seed.Resolved() }

// String implements sql.Expression.
func (r *Rand) String() string {
	if r.Seed == nil {
		return "rand()"
	}
	return "rand(" + r.Seed.String() + ")"
}

// Children implements sql.Expression.
func (r *Rand) Children() []sql.Expression {
	if r.Seed == nil {
		return []sql.Expression{unfoldable}
	}
	return []sql.Expression{r.Seed, unfoldable}
}

// WithChildren implements sql.Expression.
func (r *Rand) WithChildren(ctx *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) < 1 || len(children) > 2 {
		return nil, sql.ErrInvalidChildrenNumber.New(r, len(children), 2)
	}
	return NewRand(ctx, children[:len(children)-1]...)
}

// Eval implements sql.Expression.
func (r *Rand) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	if r.Seed == nil {
		return rand.Float64(), nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.started || !constant(ctx, r.Seed) {
		v, err := r.Seed.Eval(ctx, row)
		if err != nil {
			return nil, err
		}
		r.seed(seedOf(ctx, v))
		r.started = true
	}
	return r.next(), nil
}

// seedOf returns the seed's lowest 32 bits; NULL is 0.
func seedOf(ctx *sql.Context, v any) uint32 {
	if v == nil {
		return 0
	}
	n, _, err := types.Int64.Convert(ctx, v)
	if err != nil && !truncated(ctx, err) {
		return 0
	}
	i, _ := n.(int64)
	return uint32(i)
}

// randMax and the recurrence are MySQL's my_rnd (mysys/my_rnd.cc), so that a
// seed gives the numbers that it gives there.
const randMax = 0x3FFFFFFF

func (r *Rand) seed(s uint32) {
	r.one = (s*0x10001 + 55555555) % randMax
	r.two = (s * 0x10000001) % randMax
}

func (r *Rand) next() float64 {
	one := (uint64(r.one)*3 + uint64(r.two)) % randMax
	two := (one + uint64(r.two) + 33) % randMax
	r.one, r.two = uint32(one), uint32(two)
	return float64(one) / randMax
}

// constant says that e has one value for the whole statement.
func constant(ctx *sql.Context, e sql.Expression) bool {
	isConstant := true
	sql.Inspect(ctx, e, func(_ *sql.Context, e sql.Expression) bool {
		switch e.(type) {
		case *expression.GetField, sql.NonDeterministicExpression:
			isConstant = false
		}
		return isConstant
	})
	return isConstant
}
