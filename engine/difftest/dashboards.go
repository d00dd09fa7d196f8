package difftest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// dashboard draws a statement as Grafana and BI tools write them.
func (s *statement) dashboard() Query {
	switch s.upTo(6, "dashboard") {
	case 0, 1, 2:
		for _, t := range s.g.Tables {
			if len(scope{columns: t.Columns}.of(Time)) > 0 {
				return s.timeSeries()
			}
		}
		fallthrough
	case 3:
		text, _ := s.inner(1)
		s.mark("derived")
		s.mark("limit")
		all := s.with + "SELECT * FROM (" + text + ") " + s.alias("d")
		return Query{SQL: all + " LIMIT 1000", Unlimited: all, Limit: 1000}
	case 4:
		text, _ := s.inner(1)
		s.mark("derived")
		s.mark("group by")
		return Query{SQL: s.with + "SELECT COUNT(*) FROM (" + text + ") " + s.alias("d")}
	case 5:
		from := s.plainSource()
		s.mark("filter")
		var list []string
		for _, c := range from.sc.columns {
			list = append(list, c.Name)
		}
		return Query{SQL: "SELECT " + strings.Join(list, ", ") + " FROM " + from.text + " WHERE 1=0"}
	default:
		from := s.plainSource()
		c := s.column(from.sc.sortable(), "variable")
		s.mark("distinct")
		s.mark("order by")
		return Query{SQL: fmt.Sprintf("SELECT DISTINCT %s AS c1 FROM %s ORDER BY 1", c.Name, from.text), Keys: []int{0}}
	}
}

// timeSeries buckets rows by time, as a time series panel does.
func (s *statement) timeSeries() Query {
	var with []Table
	for _, t := range s.g.Tables {
		if len(scope{columns: t.Columns}.of(Time)) > 0 {
			with = append(with, t)
		}
	}
	t := rapid.SampledFrom(with).Draw(s.t, "table")
	sc := scope{columns: t.Columns}
	ts := s.column(sc.of(Time), "time").Name
	for _, m := range []string{"filter", "group by", "group by expression", "order by", "expression:time"} {
		s.mark(m)
	}
	bucket := s.one([]string{
		"UNIX_TIMESTAMP(" + ts + ") DIV 300 * 300", "UNIX_TIMESTAMP(" + ts + ") DIV 2 * 2", "FLOOR(UNIX_TIMESTAMP(" + ts + ") / 60) * 60",
		"DATE_FORMAT(" + ts + ", '%Y-%m-%d %H:00')", "DATE_FORMAT(" + ts + ", '%Y-%m-%d %H:%i:00')", "DATE(" + ts + ")",
	}, "bucket")
	list := []string{bucket + " AS time"}
	groupBy := s.one([]string{"1", "time", bucket}, "group by")
	orderBy := s.one([]string{"1", "time", bucket}, "order by")
	q := Query{Keys: []int{0}}
	if texts := sc.of(Text); len(texts) > 0 && s.bool("metric") {
		metric := s.column(texts, "metric").Name
		list = append(list, metric+" AS metric")
		groupBy += ", " + s.one([]string{"2", "metric", metric}, "group by")
		if s.bool("sorted by metric") {
			orderBy += ", 2"
			q.Keys = append(q.Keys, 1)
		}
	}
	for range 1 + s.upTo(1, "values") {
		e, _, _ := s.aggregate(sc)
		list = append(list, e+" AS "+s.alias("v"))
	}
	span := fmt.Sprintf("%s BETWEEN FROM_UNIXTIME(%d) AND FROM_UNIXTIME(%d)", ts, 1767225600+s.upTo(10, "from")*4000, 1767261600+s.upTo(20, "to"))
	if s.bool("further condition") {
		span += " AND " + s.condition(sc, 1)
	}
	q.SQL = fmt.Sprintf("SELECT %s FROM %s WHERE %s GROUP BY %s ORDER BY %s", strings.Join(list, ", "), t.Name, span, groupBy, orderBy)
	return q
}
