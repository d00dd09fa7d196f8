package status

import (
	"testing"

	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

type fixed []Row

func (f fixed) Status() []Row { return append([]Row(nil), f...) }

func TestContract(t *testing.T) {
	now := int64(1_767_261_600_123_000)
	rows := fixed{
		{Store: "latest", Topic: "INGESTION", Partition: 1, Committed: 10, End: 12, LagSeconds: 1.5, Records: 10, State: "running", UpdatedAt: now},
		{Store: "latest", Topic: "INGESTION", Partition: 0, Committed: 0, End: -1, State: "waiting", LastError: "connection refused", UpdatedAt: now},
		{Store: "documents", Topic: "INGESTION", Partition: -1, State: "connecting", UpdatedAt: now, Skipped: 2, DeadLetters: 3, Evicted: 4},
	}
	var want [][]tables.Value
	for _, r := range rows {
		row := make([]tables.Value, len(columns))
		for c := range columns {
			row[c] = r.value(c)
		}
		want = append(want, row)
	}
	tablestest.Run(t, tablestest.Suite{Store: New(rows), Table: tableName, Rows: want, Evaluator: eval.Evaluator{}})
}

func TestWhatIsNotKnownIsNull(t *testing.T) {
	unassigned := Row{Store: "latest", Partition: -1, Committed: 5, End: 7}
	for i, c := range columns {
		if null := unassigned.value(i).IsNull(); null != c.Nullable {
			t.Errorf("%s of a store without a partition: NULL is %t", c.Name, null)
		}
	}
	if v := (&Row{Partition: 0, Committed: 3, End: 8}).value(5); v.IsNull() || v.I != 5 {
		t.Errorf("lag_records is %s", v.SQL())
	}
}

func TestWithoutASourceTheTableIsEmpty(t *testing.T) {
	tablestest.Run(t, tablestest.Suite{Store: New(nil), Table: tableName, Evaluator: eval.Evaluator{}})
}
