package engine_test

import "gridgate/tables"

// mongoDialect is what a store over MongoDB 5 will declare: what an aggregation
// pipeline gives exactly as MySQL does. The rest it refuses.
func mongoDialect(q *tables.Query) *tables.Unsupported {
	if j, ok := q.From.(*tables.Join); ok && !lookupJoin(j) {
		return tables.Refuse(tables.PartFrom, 0, "join", "$lookup joins by equal fields only")
	}
	for part, es := range map[tables.Part][]tables.Expr{
		tables.PartOutput: q.Output, tables.PartWhere: q.Where, tables.PartGroupBy: q.GroupBy, tables.PartHaving: q.Having,
	} {
		for i, e := range es {
			if u := mongoExpr(part, i, e); u != nil {
				return u
			}
		}
	}
	for i, o := range q.OrderBy {
		if u := mongoExpr(tables.PartOrderBy, i, o.Expr); u != nil {
			return u
		}
	}
	for i, a := range q.Aggs {
		switch {
		case a.Func > tables.AggStdSamp:
			return tables.Refuse(tables.PartAggs, i, "aggregate", "MongoDB has no exact %v", a.Func)
		case a.Distinct && a.Func != tables.AggCount:
			return tables.Refuse(tables.PartAggs, i, "aggregate", "MongoDB has no %v(DISTINCT)", a.Func)
		case a.Arg != nil:
			if u := mongoExpr(tables.PartAggs, i, a.Arg); u != nil {
				return u
			}
		}
	}
	return nil
}

func lookupJoin(j *tables.Join) bool {
	for _, e := range j.On {
		c, ok := e.(*tables.Call)
		if !ok || c.Op != tables.OpEq {
			return false
		}
	}
	return len(j.On) > 0
}

// mongoOps are the operators that an aggregation pipeline has with MySQL's
// meaning. LOWER and UPPER fold ASCII only there, and regular expressions are
// PCRE's.
var mongoOps = map[tables.Op]bool{
	tables.OpEq: true, tables.OpNe: true, tables.OpLt: true, tables.OpLe: true, tables.OpGt: true, tables.OpGe: true,
	tables.OpNullSafeEq: true, tables.OpAnd: true, tables.OpOr: true, tables.OpNot: true, tables.OpIsNull: true,
	tables.OpIsTrue: true, tables.OpIsFalse: true, tables.OpLike: true,
	tables.OpAdd: true, tables.OpSub: true, tables.OpMul: true, tables.OpIntDiv: true, tables.OpMod: true, tables.OpNeg: true,
	tables.OpAbs: true, tables.OpFloor: true, tables.OpCeil: true, tables.OpGreatest: true, tables.OpLeast: true,
	tables.OpCase: true, tables.OpIf: true, tables.OpIfNull: true, tables.OpCoalesce: true, tables.OpNullIf: true,
	tables.OpConcat: true, tables.OpSubstring: true, tables.OpLeft: true, tables.OpLength: true, tables.OpCharLength: true,
	tables.OpTrim: true, tables.OpLTrim: true, tables.OpRTrim: true, tables.OpReplace: true, tables.OpLocate: true,
	tables.OpLocalTime: true, tables.OpInstant: true, tables.OpUnixTimestamp: true, tables.OpFromUnixTime: true,
	tables.OpDate: true, tables.OpYear: true, tables.OpQuarter: true, tables.OpMonth: true, tables.OpDay: true,
	tables.OpDayOfYear: true, tables.OpDayOfWeek: true, tables.OpWeekday: true,
	tables.OpHour: true, tables.OpMinute: true, tables.OpSecond: true, tables.OpMicrosecond: true, tables.OpDateFormat: true,
	tables.OpJSONExtract: true, tables.OpJSONUnquote: true,
}

func mongoExpr(part tables.Part, i int, e tables.Expr) (refused *tables.Unsupported) {
	tables.Walk(e, func(x tables.Expr) bool {
		c, ok := x.(*tables.Call)
		if !ok || refused != nil {
			return refused == nil
		}
		switch {
		case !mongoOps[c.Op]:
			refused = tables.Refuse(part, i, "function", "MongoDB computes %v in another way than MySQL", c.Op)
		case c.Op <= tables.OpNullSafeEq && c.Args[0].Type().Kind != c.Args[1].Type().Kind && !bothNumbers(c):
			refused = tables.Refuse(part, i, "type", "MongoDB orders %v and %v by their types", c.Args[0].Type(), c.Args[1].Type())
		case c.Op <= tables.OpNullSafeEq && c.Args[0].Type().Kind == tables.KindJSON:
			refused = tables.Refuse(part, i, "type", "MongoDB compares documents in another way")
		}
		return refused == nil
	})
	return refused
}

func bothNumbers(c *tables.Call) bool {
	number := func(k tables.Kind) bool { return k >= tables.KindBool && k <= tables.KindDecimal }
	return number(c.Args[0].Type().Kind) && number(c.Args[1].Type().Kind)
}
