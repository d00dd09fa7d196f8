package kafka

import (
	"fmt"
	"strings"

	"gridgate/tables"
)

// The table's columns, by index.
const (
	colStore = iota
	colTopic
	colPartition
	colOffset
	colTS
	colError
	colKey
	colValue
)

const notUTF8 = "; bytes that are no UTF-8 are shown as U+FFFD, the topic keeps them"

var columns = []tables.Column{
	colStore:     {Name: "store", Type: tables.Varchar(64), Comment: "the store that could not use the record"},
	colTopic:     {Name: "topic", Type: tables.Varchar(255), Comment: "the topic that the record is in"},
	colPartition: {Name: "partition_id", Type: tables.Type{Kind: tables.KindInt32}, Comment: "the partition that it is in"},
	colOffset:    {Name: "partition_offset", Type: tables.Int64, Comment: "its offset in the partition"},
	colTS:        {Name: "ts", Type: tables.Timestamp(3), Comment: "the record's own time"},
	colError:     {Name: "error", Type: tables.Text, Comment: "why it could not be used"},
	colKey:       {Name: "record_key", Type: tables.Text, Nullable: true, Comment: "the record's key" + notUTF8},
	colValue:     {Name: "record_value", Type: tables.Text, Nullable: true, Comment: "the record's value" + notUTF8},
}

// value is column at of the letter.
func (l *Letter) value(at int) tables.Value {
	v := tables.Value{Type: columns[at].Type}
	switch at {
	case colStore:
		v.S = text([]byte(l.Store))
	case colTopic:
		v.S = text([]byte(l.Topic))
	case colPartition:
		v.I = int64(l.Partition)
	case colOffset:
		v.I = l.Offset
	case colTS:
		v.I = min(max(l.Time.UnixMilli(), tables.LeastTimestamp/1000), tables.GreatestTimestamp/1000) * 1000 // the record's own may be any
	case colError:
		v.S = text([]byte(l.Error))
		if l.Whole > 0 {
			v.S += fmt.Sprintf(" (of its %d bytes the first %d are here: Kafka did not take more)", l.Whole, len(l.Value))
		}
	case colKey:
		v.S, v.Null = text(l.Key), l.Key == nil
	case colValue:
		v.S, v.Null = text(l.Value), l.Value == nil
	}
	return v
}

func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
