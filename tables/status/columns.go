package status

import "gridgate/tables"

// A column of the table and how a row has it; ok is false for NULL.
type column struct {
	tables.Column
	value func(r *Row, v *tables.Value) (ok bool)
}

func text(f func(*Row) string) func(*Row, *tables.Value) bool {
	return func(r *Row, v *tables.Value) bool { v.S = f(r); return true }
}

func count(f func(*Row) int64) func(*Row, *tables.Value) bool {
	return func(r *Row, v *tables.Value) bool { v.I = f(r); return true }
}

var described = []column{
	{tables.Column{Name: "store", Type: tables.Varchar(64), Comment: "the store that is fed: documents, latest"},
		text(func(r *Row) string { return r.Store })},
	{tables.Column{Name: "topic", Type: tables.Varchar(255), Comment: "the topic that it is fed from"},
		text(func(r *Row) string { return r.Topic })},
	{tables.Column{Name: "partition_id", Type: tables.Type{Kind: tables.KindInt32}, Nullable: true, Comment: "the topic's partition; NULL while none is assigned to this gateway"},
		func(r *Row, v *tables.Value) bool { v.I = int64(r.Partition); return r.assigned() }},
	{tables.Column{Name: "committed_offset", Type: tables.Int64, Nullable: true, Comment: "records before it are in the store for good"},
		func(r *Row, v *tables.Value) bool { v.I = r.Committed; return r.assigned() && r.Committed >= 0 }},
	{tables.Column{Name: "end_offset", Type: tables.Int64, Nullable: true, Comment: "the offset that the next record of the partition will have"},
		func(r *Row, v *tables.Value) bool { v.I = r.End; return r.assigned() && r.End >= 0 }},
	{tables.Column{Name: "lag_records", Type: tables.Int64, Nullable: true, Comment: "end_offset less committed_offset"},
		func(r *Row, v *tables.Value) bool {
			v.I = max(0, r.End-r.Committed)
			return r.assigned() && r.End >= 0 && r.Committed >= 0
		}},
	{tables.Column{Name: "lag_seconds", Type: tables.Float64, Nullable: true, Comment: "how old the oldest record is that the store does not have yet, or the last that it has; 0 when it has all"},
		func(r *Row, v *tables.Value) bool { v.F = r.LagSeconds; return r.assigned() }},
	{tables.Column{Name: "records", Type: tables.Int64, Comment: "records read since the gateway's start"},
		count(func(r *Row) int64 { return r.Records })},
	{tables.Column{Name: "skipped", Type: tables.Int64, Comment: "of these, what was none of the store's business: no station or no time, for latest"},
		count(func(r *Row) int64 { return r.Skipped })},
	{tables.Column{Name: "duplicates", Type: tables.Int64, Comment: "of these, events that the store had already; latest does not count them"},
		count(func(r *Row) int64 { return r.Duplicates })},
	{tables.Column{Name: "dead_letters", Type: tables.Int64, Comment: "of these, what could not be decoded or not be held: see the table dead_letters"},
		count(func(r *Row) int64 { return r.DeadLetters })},
	{tables.Column{Name: "evicted", Type: tables.Int64, Comment: "older rows that made room in a store with a bound"},
		count(func(r *Row) int64 { return r.Evicted })},
	{tables.Column{Name: "state", Type: tables.Varchar(32), Comment: "connecting, running, waiting (for the store) ..."},
		text(func(r *Row) string { return r.State })},
	{tables.Column{Name: "last_error", Type: tables.Text, Nullable: true, Comment: "what last went wrong"},
		func(r *Row, v *tables.Value) bool { v.S = r.LastError; return r.LastError != "" }},
	{tables.Column{Name: "updated_at", Type: tables.Timestamp(3), Comment: "when the row last changed"},
		count(func(r *Row) int64 { return r.UpdatedAt / 1000 * 1000 })},
}

var columns = func() []tables.Column {
	out := make([]tables.Column, len(described))
	for i, c := range described {
		out[i] = c.Column
	}
	return out
}()

func (r *Row) assigned() bool { return r.Partition >= 0 }

// value is column at of the row.
func (r *Row) value(at int) tables.Value {
	v := tables.Value{Type: columns[at].Type}
	if !described[at].value(r, &v) {
		return tables.NullOf(v.Type)
	}
	return v
}
