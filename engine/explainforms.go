package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/planner"
)

// explainTable is plain EXPLAIN: parents before children, a row a part of the
// plan, indented by its depth.
func explainTable(root *planner.Step) []sql.Row {
	var rows []sql.Row
	var add func(s *planner.Step, depth int)
	add = func(s *planner.Step, depth int) {
		var why any
		if len(s.StaysHere) > 0 {
			why = strings.Join(s.StaysHere, "\n")
		}
		what := s.Operation
		if s.Command != "" {
			what = s.Command
		}
		rows = append(rows, sql.NewRow(int64(len(rows)+1), s.RunsIn, strings.Repeat("  ", depth)+what, why))
		for _, c := range s.Children {
			add(c, depth+1)
		}
	}
	add(root, 0)
	return rows
}

// explainTree is EXPLAIN FORMAT=TREE: what is known of a part stands below it,
// before its children.
func explainTree(root *planner.Step, run *ran) string {
	var b strings.Builder
	var add func(s *planner.Step, first, rest string)
	add = func(s *planner.Step, first, rest string) {
		head := s.Operation
		if s.RunsIn != planner.Gateway {
			head += "(" + s.RunsIn + ")"
		}
		b.WriteString(first + head + "\n")
		lines := treeLines(s)
		for i, l := range lines {
			mark := " ├─ "
			if i == len(lines)-1 && len(s.Children) == 0 {
				mark = " └─ "
			}
			b.WriteString(rest + mark + l + "\n")
		}
		for i, c := range s.Children {
			if i == len(s.Children)-1 {
				add(c, rest+" └─ ", rest+"     ")
			} else {
				add(c, rest+" ├─ ", rest+" │   ")
			}
		}
	}
	add(root, "", "")
	if run != nil {
		fmt.Fprintf(&b, "In all: %d rows in %s", run.rows, shortly(run.took))
	}
	return strings.TrimRight(b.String(), "\n")
}

func treeLines(s *planner.Step) []string {
	var lines []string
	if s.Command != "" {
		lines = append(lines, "command: "+s.Command)
	}
	if len(s.Arguments) > 0 {
		lines = append(lines, "arguments: "+strings.Join(s.Arguments, ", "))
	}
	if len(s.Columns) > 0 {
		lines = append(lines, "columns: "+strings.Join(s.Columns, ", "))
	}
	if e := estimated(s); e != "" {
		lines = append(lines, "estimated: "+e)
	}
	for _, why := range s.StaysHere {
		lines = append(lines, "stays here: "+why)
	}
	if c := s.Counts; c != nil {
		times := "once"
		if n := c.Ran.Load(); n != 1 {
			times = fmt.Sprintf("%d times", n)
		}
		lines = append(lines, fmt.Sprintf("ran %s: %d rows, %d bytes in %s", times, c.Rows.Load(), c.Bytes.Load(), shortly(c.Time())))
	}
	return append(lines, s.Notes...)
}

// estimated is what a store thinks it would read, in words; "" where it doesn't
// know.
func estimated(s *planner.Step) string {
	var parts []string
	if s.Estimate.Rows >= 0 {
		parts = append(parts, fmt.Sprintf("%d rows", s.Estimate.Rows))
	}
	if s.Estimate.Bytes >= 0 {
		parts = append(parts, fmt.Sprintf("%d bytes", s.Estimate.Bytes))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + " to read"
}

func shortly(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

// jsonStep is a part of a plan in EXPLAIN FORMAT=JSON; the order of the fields is
// that of the document.
type jsonStep struct {
	Operation      string      `json:"operation"`
	RunsIn         string      `json:"runs_in"`
	Store          string      `json:"store,omitempty"`
	Command        string      `json:"command,omitempty"`
	Arguments      []string    `json:"arguments,omitempty"`
	Columns        []string    `json:"columns,omitempty"`
	EstimatedRows  *int64      `json:"estimated_rows,omitempty"`
	EstimatedBytes *int64      `json:"estimated_bytes,omitempty"`
	StaysHere      []string    `json:"stays_here,omitempty"`
	Ran            *int64      `json:"ran,omitempty"`
	Rows           *int64      `json:"rows,omitempty"`
	Bytes          *int64      `json:"bytes,omitempty"`
	Milliseconds   *float64    `json:"milliseconds,omitempty"`
	Notes          []string    `json:"notes,omitempty"`
	Children       []*jsonStep `json:"children,omitempty"`
}

// jsonPlan is the whole document.
type jsonPlan struct {
	Plan         *jsonStep `json:"plan"`
	Rows         *int64    `json:"rows,omitempty"` // of the statement, when it ran
	Milliseconds *float64  `json:"milliseconds,omitempty"`
}

// explainJSON is EXPLAIN FORMAT=JSON. The error can't happen: there is nothing
// in it that JSON doesn't have.
func explainJSON(root *planner.Step, run *ran) (string, error) {
	doc := jsonPlan{Plan: jsonOf(root)}
	if run != nil {
		ms := milliseconds(run.took)
		doc.Rows, doc.Milliseconds = &run.rows, &ms
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // < and > are usual in commands
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return "", fmt.Errorf("writing the plan as JSON: %w", err)
	}
	return strings.TrimRight(b.String(), "\n"), nil
}

func jsonOf(s *planner.Step) *jsonStep {
	j := &jsonStep{
		Operation: s.Operation, RunsIn: s.RunsIn, Command: s.Command, Arguments: s.Arguments, Columns: s.Columns,
		StaysHere: s.StaysHere, Notes: s.Notes,
	}
	if s.RunsIn != planner.Gateway {
		j.Store = s.RunsIn
	}
	if n := s.Estimate.Rows; n >= 0 {
		j.EstimatedRows = &n
	}
	if n := s.Estimate.Bytes; n >= 0 {
		j.EstimatedBytes = &n
	}
	if c := s.Counts; c != nil {
		ran, rows, size, ms := c.Ran.Load(), c.Rows.Load(), c.Bytes.Load(), milliseconds(c.Time())
		j.Ran, j.Rows, j.Bytes, j.Milliseconds = &ran, &rows, &size, &ms
	}
	for _, c := range s.Children {
		j.Children = append(j.Children, jsonOf(c))
	}
	return j
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}
