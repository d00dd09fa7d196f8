package difftest

import "database/sql"

// Read reads a client's rows to their end, for Compare. It does not close them.
// name is what is compared of a column: its name, or its type too.
func Read(rows *sql.Rows, name func(*sql.ColumnType) string) (Rows, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return Rows{}, err
	}
	var out Rows
	for _, c := range types {
		out.Columns = append(out.Columns, name(c))
		out.Inexact = append(out.Inexact, c.DatabaseTypeName() == "DOUBLE")
	}
	for rows.Next() {
		cells, to := make([]*string, len(types)), make([]any, len(types))
		for i := range cells {
			to[i] = &cells[i]
		}
		if err := rows.Scan(to...); err != nil {
			return Rows{}, err
		}
		out.Values = append(out.Values, cells)
	}
	return out, rows.Err()
}
