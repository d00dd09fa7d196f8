package difftest

import "strings"

// simpleConditions are what most statements filter by.
var simpleConditions = perType([]ColumnType{Number, Text, Double, Time, Decimal, Date, Datetime, Wide, Unsigned}, []form{
	{condition, "comparison", "{@} {comparison} {#@}"},
	{condition, "comparison", "{#@} {comparison} {@}"},
	{condition, "in", "{@} {in} ({#@}, {#@}, {#@})"},
	{condition, "between", "{@} {not}BETWEEN {#@} AND {#@}"},
	{condition, "is null", "{@} {is}"},
	{condition, "comparison", "{@} {comparison} {@}"},
})

// comparisonForms are predicates.
func comparisonForms() []form {
	return append([]form{
		{condition, "logic", "({Condition} AND {Condition})"},
		{condition, "logic", "({Condition} OR {Condition})"},
		{condition, "logic", "(NOT ({Condition}))"},
		{condition, "logic", "({Condition} XOR {Condition})"},
		{condition, "logic", "(({Condition}) {truth})"},
		{condition, "logic", "({Number} {truth})"},
		{condition, "is null", "(({Condition}) {is})"},
		{condition, "like", "{Text} {not}LIKE {pattern}"},
		{condition, "like", "{Text} {not}LIKE {pattern}"},
		{condition, "like", "{Text} {not}LIKE {pattern}"},
		{condition, "regexp", "{Text} {not}REGEXP {regexp}"},
		{condition, "in", "{Number} {in} ({longlist})"},
		{condition, "in", "({Number}, {Text}) {in} (({#Number}, {#Text}), ({#Number}, {#Text}))"},
		{condition, "between", "{Number} BETWEEN {Number} AND {Number}"},
		{condition, "between", "{Time} BETWEEN FROM_UNIXTIME({epoch}) AND FROM_UNIXTIME({epoch})"},
		{condition, "mixed types", "{Number} {comparison} {Decimal}"},
		{condition, "mixed types", "{Number} {comparison} {Double}"},
		{condition, "mixed types", "{Decimal} {comparison} {Double}"},
		{condition, "mixed types", "{Text} {comparison} {Number}"},
		{condition, "mixed types", "{Wide} {comparison} {Unsigned}"},
		{condition, "mixed types", "{Wide} {comparison} {Decimal}"},
		{condition, "mixed types", "{Time} {comparison} {Date}"},
		{condition, "mixed types", "{Date} {comparison} {Datetime}"},
		{condition, "mixed types", "{Text} {in} ({#Number}, {#Number})"},
		{condition, "mixed types", "{Number} {in} ({#Decimal}, {#Number}, {#Double})"},
		{condition, "time", "{Time} {comparison} {moment}"},
		{condition, "time", "{Date} {comparison} {moment}"},
		{condition, "time", "{Datetime} {in} ({moment}, {moment})"},
	}, simpleConditions...)
}

func init() {
	words["moment"] = []string{
		"'2026-01-01'", "'2026-01-01 10:00:01.25'", "'2026-01-01 10:00:02'", "'2025-12-31 23:59:59'", "'2024-02-29'", "'2026-01-01T10:00:03.750'",
	}
}

// choiceForms choose among expressions of one type.
func choiceForms() []form {
	var out []form
	for _, typ := range []ColumnType{Number, Text, Double, Decimal, Date, Datetime, Wide} {
		for _, f := range perType([]ColumnType{typ}, []form{
			{condition, "choice", "CASE WHEN {Condition} THEN {@} ELSE {@} END"},
			{condition, "choice", "CASE WHEN {Condition} THEN {@} WHEN {Condition} THEN {@} END"},
			{condition, "choice", "CASE {Number} WHEN {#Number} THEN {@} WHEN {#Number} THEN {@} ELSE {@} END"},
			{condition, "choice", "IF({Condition}, {@}, {@})"},
			{condition, "choice", "IFNULL({@}, {@})"},
			{condition, "choice", "COALESCE({@}, {@}, {#@})"},
			{condition, "choice", "NULLIF({@}, {@})"},
		}) {
			f.typ = typ
			out = append(out, f)
		}
	}
	return out
}

// perType writes out forms in which @ is a type's name.
func perType(types []ColumnType, forms []form) []form {
	var out []form
	for _, typ := range types {
		for name, t := range typeNames {
			if t != typ {
				continue
			}
			for _, f := range forms {
				f.template = strings.ReplaceAll(f.template, "@", name)
				out = append(out, f)
			}
		}
	}
	return out
}
