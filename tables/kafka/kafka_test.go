package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

const topic = "dead"

var begin = time.Date(2026, time.January, 1, 10, 0, 0, 250e6, time.UTC)

func fake(t testing.TB, partitions int32) []string {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs()
}

func write(t testing.TB, brokers []string, messages ...kafka.Message) {
	t.Helper()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	w := &kafka.Writer{Addr: kafka.TCP(brokers...), Topic: topic, RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond, Transport: transport, Balancer: &kafka.RoundRobin{}}
	defer w.Close()
	if err := w.WriteMessages(context.WithoutCancel(t.Context()), messages...); err != nil {
		t.Fatal(err)
	}
}

func letter(i int) Letter {
	l := Letter{
		Store: []string{"documents", "latest"}[i%2], Topic: "INGESTION", Partition: i % 4, Offset: int64(i), Time: begin.Add(time.Duration(i) * time.Second),
		Error: "it is no JSON", Key: []byte("key"), Value: fmt.Appendf(nil, `{"broken": %d`, i), Headers: []kafka.Header{{Key: "own", Value: []byte("x")}},
	}
	if i%3 == 0 {
		l.Key = nil
	}
	if i%5 == 0 {
		l.Value = append(l.Value, 0xff, 0x00)
	}
	return l
}

func TestContract(t *testing.T) {
	brokers := fake(t, 3)
	var rows [][]tables.Value
	for i := range 40 {
		l := letter(i)
		write(t, brokers, l.Message())
		var row []tables.Value
		for c := range columns {
			row = append(row, l.value(c))
		}
		rows = append(rows, row)
	}
	tablestest.Run(t, tablestest.Suite{Store: New(Config{Brokers: brokers, Topic: topic}), Table: tableName, Rows: rows, Evaluator: eval.Evaluator{}})
}

func TestALetterIsReadAsItWasWritten(t *testing.T) {
	want := letter(5)
	want.Whole = 12345
	m := want.Message()
	got := letterOf(&m)
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", Letter{
		Store: want.Store, Topic: want.Topic, Partition: want.Partition, Offset: want.Offset, Time: time.UnixMilli(want.Time.UnixMilli()),
		Error: want.Error, Key: want.Key, Value: want.Value, Whole: want.Whole, Headers: want.Headers,
	}) {
		t.Errorf("got %+v", got)
	}
}

func open(t testing.TB, s *Store) ([]Letter, error) {
	t.Helper()
	return newest(t.Context(), &s.config)
}

func TestTheNewestAreShown(t *testing.T) {
	brokers := fake(t, 2)
	for i := range 30 {
		l := letter(i)
		write(t, brokers, l.Message())
	}
	letters, err := open(t, New(Config{Brokers: brokers, Topic: topic, Newest: 5}))
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range letters {
		if l.Offset != int64(29-i) {
			t.Errorf("letter %d is of offset %d", i, l.Offset)
		}
	}
	if len(letters) != 5 {
		t.Errorf("%d letters", len(letters))
	}
}

func TestALetterThatIsWrittenAgainIsShownOnce(t *testing.T) {
	brokers := fake(t, 2)
	for range 3 {
		for i := range 4 {
			l := letter(i)
			write(t, brokers, l.Message())
		}
	}
	if letters, err := open(t, New(Config{Brokers: brokers, Topic: topic})); err != nil || len(letters) != 4 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
}

func TestAForeignRecordIsShownFromWhereItStands(t *testing.T) {
	brokers := fake(t, 1)
	write(t, brokers, kafka.Message{Value: []byte("hello"), Headers: []kafka.Header{{Key: headerOffset, Value: []byte("nonsense")}}})
	letters, err := open(t, New(Config{Brokers: brokers, Topic: topic}))
	if err != nil || len(letters) != 1 || letters[0].Store != "" || letters[0].Topic != topic || letters[0].Offset != 0 {
		t.Errorf("%+v, %v", letters, err)
	}
}

func TestWithoutTheTopicThereAreNone(t *testing.T) {
	letters, err := open(t, New(Config{Brokers: fake(t, 1), Topic: "nothing"}))
	if err != nil || len(letters) != 0 {
		t.Errorf("%v, %v", letters, err)
	}
}

func TestKafkaIsDownOrHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for what, broker := range map[string]string{"connect": "127.0.0.1:1", "deadline": l.Addr().String()} {
		s := New(Config{Brokers: []string{broker}, Topic: topic, Timeout: 200 * time.Millisecond})
		n, _ := s.Table(t.Context(), tableName)
		p, refused := n.Compile(tables.Query{From: &tables.Scan{Snapshot: n}, Output: []tables.Expr{&tables.Col{Index: colStore, Typ: columns[colStore].Type}}})
		if refused != nil {
			t.Fatal(refused)
		}
		_, err := p.Open(t.Context(), nil)
		var outage *tables.Outage
		if !errors.As(err, &outage) || !strings.Contains(err.Error(), what) && !strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
