package difftest

// textForms are expressions that give text.
var textForms = []form{
	{Text, "text", "LOWER({Text})"},
	{Text, "text", "UPPER({Text})"},
	{Text, "text", "CONCAT({Text}, '!')"},
	{Text, "text", "CONCAT({Text}, {Text})"},
	{Text, "text", "CONCAT({Text}, '-', {Number})"},
	{Text, "text", "CONCAT_WS(',', {Text}, {Text}, {Number})"},
	{Text, "text", "SUBSTRING({Text}, {position})"},
	{Text, "text", "SUBSTRING({Text}, {position}, {length})"},
	{Text, "text", "LEFT({Text}, {length})"},
	{Text, "text", "RIGHT({Text}, {length})"},
	{Text, "text", "TRIM({Text})"},
	{Text, "text", "TRIM(LEADING {letters} FROM {Text})"},
	{Text, "text", "TRIM(TRAILING {letters} FROM {Text})"},
	{Text, "text", "TRIM(BOTH {letters} FROM {Text})"},
	{Text, "text", "LTRIM({Text})"},
	{Text, "text", "RTRIM({Text})"},
	{Text, "text", "REPLACE({Text}, {letters}, '_')"},
	{Text, "text", "REVERSE({Text})"},
	{Text, "conversion", "CAST({Number} AS CHAR)"},
	{Text, "conversion", "CAST({Decimal} AS CHAR)"},
	{Text, "conversion", "CAST({Text} AS CHAR(2))"},
	{Text, "conversion", "CAST({Wide} AS CHAR)"},
	{Text, "conversion", "CONVERT({Date}, CHAR)"},
	{Text, "conversion", "CAST({Datetime} AS CHAR)"},
	{Text, "conversion", "CAST({Time} AS CHAR)"},
	{Text, "choice", "GREATEST({Text}, {Text})"},
	{Text, "choice", "LEAST({Text}, {Text})"},
	{Text, "json", "{%JSON}->>{path}"},
}

// documentForms are what is taken out of documents.
var documentForms = []form{
	{JSON, "json", "JSON_EXTRACT({JSON}, {path})"},
	{JSON, "json", "{%JSON}->{path}"},
	{Text, "json", "JSON_UNQUOTE(JSON_EXTRACT({JSON}, {path}))"},
	{Number, "json", "JSON_LENGTH({JSON}, '$.tags')"},
}
