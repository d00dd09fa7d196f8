package difftest

// timeForms are expressions over times.
var timeForms = []form{
	{Number, "time", "{part}({Datetime})"},
	{Number, "time", "{part}({Time})"},
	{Number, "time", "{datepart}({Date})"},
	{Number, "time", "EXTRACT({extract} FROM {Time})"},
	{Number, "time", "EXTRACT({extract} FROM {Datetime})"},
	{Number, "time", "UNIX_TIMESTAMP({Date})"},
	{Number, "time", "(UNIX_TIMESTAMP({Time}) DIV {bucket} * {=})"},
	{Number, "time", "TIMESTAMPDIFF({unit}, {Moment}, {Moment})"},
	{Number, "time", "DATEDIFF({Moment}, {Moment})"},
	{Decimal, "time", "UNIX_TIMESTAMP({Time})"},

	{Datetime, "time", "DATE_ADD({Time}, INTERVAL {small} {unit})"},
	{Datetime, "time", "DATE_SUB({Datetime}, INTERVAL {small} {unit})"},
	{Datetime, "time", "({Datetime} + INTERVAL 90 SECOND)"},
	{Datetime, "time", "({Date} + INTERVAL {Number} HOUR)"},
	{Datetime, "time", "FROM_UNIXTIME({epoch})"},
	{Datetime, "time", "CONVERT_TZ({Datetime}, '+00:00', {zone})"},
	{Datetime, "conversion", "CAST({Time} AS DATETIME)"},
	{Datetime, "conversion", "CAST({Date} AS DATETIME)"},
	{Datetime, "conversion", "CAST({Datetime} AS DATETIME(3))"},
	{Datetime, "choice", "GREATEST({Datetime}, {Datetime})"},

	{Date, "time", "DATE({Time})"},
	{Date, "time", "DATE({Datetime})"},
	{Date, "time", "DATE_ADD({Date}, INTERVAL {small} DAY)"},
	{Date, "time", "({Date} - INTERVAL {small} MONTH)"},
	{Date, "time", "LAST_DAY({Date})"},
	{Date, "conversion", "CAST({Datetime} AS DATE)"},

	{Text, "time", "DATE_FORMAT({Time}, {format})"},
	{Text, "time", "DATE_FORMAT({Datetime}, {format})"},
	{Text, "time", "DATE_FORMAT({Date}, '%Y-%m-%d')"},
}
