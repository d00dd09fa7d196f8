package difftest

import (
	"fmt"
	"strings"
	"time"

	"gridgate/tables"
)

// SampleTable is a table of Sample.
type SampleTable struct {
	Name    string
	Columns []tables.Column
	Rows    [][]tables.Value
}

// types of the sample's columns, as the generator knows them.
var generatorTypes = map[tables.Kind]ColumnType{
	tables.KindInt64: Number, tables.KindUint64: Unsigned, tables.KindFloat64: Double, tables.KindDecimal: Decimal,
	tables.KindText: Text, tables.KindDate: Date, tables.KindDatetime: Datetime, tables.KindTimestamp: Time, tables.KindJSON: JSON,
}

// SampleGenerator is a generator over some tables of Sample; its literals are values
// that occur in them.
func SampleGenerator(of []SampleTable) Generator {
	var g Generator
	for _, t := range of {
		out := Table{Name: t.Name}
		for i, c := range t.Columns {
			column := Column{Name: c.Name, Type: generatorTypes[c.Type.Kind]}
			if c.Name == "wide" {
				column.Type = Wide
			}
			seen := map[string]bool{}
			for _, row := range t.Rows {
				literal := Literal(row[i])
				if row[i].IsNull() || seen[literal] || column.Type == JSON || len(seen) >= 12 {
					continue
				}
				seen[literal] = true
				column.Literals = append(column.Literals, literal)
			}
			out.Columns = append(out.Columns, column)
		}
		g.Tables = append(g.Tables, out)
	}
	return g
}

// Sample are small tables of every type: with NULLs, values that tie, numbers
// at the edges of their types, text that only looks equal, days at the edges of
// months and of summer time; one is empty.
func Sample() []SampleTable {
	return []SampleTable{
		{Name: "stations", Columns: []tables.Column{
			{Name: "name", Type: tables.Varchar(64), Nullable: true},
			{Name: "code", Type: tables.Int64, Nullable: true},
			{Name: "region", Type: tables.Text, Nullable: true},
			{Name: "opened", Type: tables.Date, Nullable: true},
			{Name: "rating", Type: tables.Decimal(5, 2), Nullable: true},
		}, Rows: stationRows()},
		{Name: "measures", Columns: []tables.Column{
			{Name: "id", Type: tables.Int64},
			{Name: "station", Type: tables.Varchar(64), Nullable: true},
			{Name: "n", Type: tables.Int64, Nullable: true},
			{Name: "value", Type: tables.Float64, Nullable: true},
			{Name: "price", Type: tables.Decimal(12, 3), Nullable: true},
			{Name: "ts", Type: tables.Timestamp(3)},
			{Name: "seen", Type: tables.Datetime(0), Nullable: true},
			{Name: "day", Type: tables.Date, Nullable: true},
			{Name: "note", Type: tables.Text, Nullable: true},
			{Name: "wide", Type: tables.Int64, Nullable: true},
			{Name: "u", Type: tables.Uint64, Nullable: true},
			{Name: "doc", Type: tables.JSON, Nullable: true},
		}, Rows: measureRows()},
		{Name: "labels", Columns: []tables.Column{
			{Name: "label", Type: tables.Text, Nullable: true},
			{Name: "amount", Type: tables.Varchar(20), Nullable: true},
			{Name: "weight", Type: tables.Float64, Nullable: true},
		}, Rows: labelRows()},
		{Name: "nothing", Columns: []tables.Column{
			{Name: "id", Type: tables.Int64},
			{Name: "n", Type: tables.Int64, Nullable: true},
			{Name: "word", Type: tables.Text, Nullable: true},
			{Name: "price", Type: tables.Decimal(10, 2), Nullable: true},
			{Name: "ts", Type: tables.Timestamp(3), Nullable: true},
		}},
	}
}

// null is an absent value in the lists below.
const null = "\x00null"

func textCell(typ tables.Type, s string) tables.Value {
	if s == null {
		return tables.NullOf(typ)
	}
	return tables.Value{Type: typ, S: s}
}

func dayCell(s string) tables.Value {
	if s == null {
		return tables.NullOf(tables.Date)
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return tables.Value{Type: tables.Date, I: t.Unix() / 86400}
}

// maybe is v, or NULL in every nth row.
func maybe(v tables.Value, row, nth int) tables.Value {
	if row%nth == nth-1 {
		return tables.NullOf(v.Type)
	}
	return v
}

func stationRows() [][]tables.Value {
	var rows [][]tables.Value
	for i, name := range []string{"DK1", "dk1", "Ø", "DK1 ", "", null, "nobody"} {
		rows = append(rows, []tables.Value{
			textCell(tables.Varchar(64), name),
			maybe(tables.IntValue(int64(i%4)), i, 5),
			textCell(tables.Text, []string{"north", "south", null, "north"}[i%4]),
			dayCell([]string{"2024-02-29", "2025-12-31", null, "2026-01-01", "2026-03-29"}[i%5]),
			maybe(tables.Value{Type: tables.Decimal(5, 2), S: []string{"1.50", "-2.25", "0.00", "10.10"}[i%4]}, i, 6),
		})
	}
	return rows
}

func measureRows() [][]tables.Value {
	begin := time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC)
	edges := []time.Time{
		time.Date(2025, time.December, 31, 23, 59, 59, 999e6, time.UTC), time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.March, 29, 1, 30, 0, 0, time.UTC), time.Date(2025, time.October, 26, 0, 59, 59, 500e6, time.UTC),
		time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC),
	}
	var rows [][]tables.Value
	for i := range 30 {
		station := []string{"DK1", "dk1", "Ø", "DK1 ", null, "DK2", ""}[i%7]
		ts := begin.Add(time.Duration(i/2) * 1250 * time.Millisecond)
		if i%4 == 3 {
			ts = edges[i/4%len(edges)]
		}
		seen := ts.Add(time.Duration(i%3) * 12 * time.Hour).Truncate(time.Second)
		value := []float64{0.25, -0.5, 1, 0, 2.5, 1e15, 0.1, 1e-7, -3.75, 12}[i%10]
		wide := []int64{1<<63 - 1, -1 << 63, 9007199254740993, 0, 9007199254740992, -1, 42}[i%7]
		u := []uint64{0, 1<<64 - 1, 1 << 63, 7, 9007199254740993}[i%5]
		doc := fmt.Sprintf(`{"n": %d, "tags": ["a", %d], "value": %d, "station": %q}`, i%4, i%3, i-3, []string{"DK1", "Ø", ""}[i%3])
		switch i % 6 {
		case 4:
			doc = `{}`
		case 5:
			doc = fmt.Sprintf(`{"n": null, "value": %d.5}`, i)
		}
		rows = append(rows, []tables.Value{
			tables.IntValue(int64(i + 1)),
			textCell(tables.Varchar(64), station),
			maybe(tables.IntValue(int64(i%9-4)), i, 8),
			maybe(tables.FloatValue(value), i, 9),
			maybe(tables.Value{Type: tables.Decimal(12, 3), S: []string{"1.500", "-2.250", "0.000", "10.105", "99999.995", "0.001"}[i%6]}, i, 7),
			{Type: tables.Timestamp(3), I: ts.UnixMicro()},
			maybe(tables.Value{Type: tables.Datetime(0), I: seen.UnixMicro()}, i, 10),
			dayCell([]string{"2026-01-01", "2025-12-31", "2024-02-29", "2026-03-29", null, "2026-01-31"}[i%6]),
			textCell(tables.Text, []string{"the grid is up", "Ærø 100%", "a_b", null, "", "12", " x ", `back\slash`, "it's", "1.5abc", "A B", "ab"}[i%12]),
			maybe(tables.IntValue(wide), i, 11),
			maybe(tables.UintValue(u), i, 6),
			maybe(tables.Value{Type: tables.JSON, S: doc}, i, 10),
		})
	}
	return rows
}

func labelRows() [][]tables.Value {
	var rows [][]tables.Value
	for i, label := range []string{"DK1", "the grid is up", null, "", "A B", "north", "DK1", "Ø"} {
		rows = append(rows, []tables.Value{
			textCell(tables.Text, label),
			textCell(tables.Varchar(20), []string{"1", "01", "1.5", "x", "", null, "-4", "3 apples"}[i]),
			maybe(tables.FloatValue([]float64{1, 1.5, 0, -4, 2.5, 3, 1, 0.1}[i]), i, 6),
		})
	}
	return rows
}

// Literal is v as a literal that MySQL reads as a value of its type.
func Literal(v tables.Value) string {
	return strings.Replace(v.SQL(), "DATETIME'", "TIMESTAMP'", 1) // there is no other literal of a DATETIME
}
