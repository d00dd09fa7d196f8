package wire

import (
	"context"
	"encoding/binary"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"gridgate/engine"
)

// prepared is a statement that the client has prepared.
type prepared struct {
	id     uint32
	query  string
	params int
	types  []uint16       // of the parameters, as the client last gave them
	long   map[int][]byte // values of parameters that were sent beforehand
	size   int            // of long, in bytes
	failed error          // why a value that was sent beforehand can't be used
	cursor *cursor        // nil: none is open
}

const (
	// mostParams is as many parameters as the protocol can count.
	mostParams = 1<<16 - 1
	// mostPrepared is MySQL's max_prepared_stmt_count.
	mostPrepared = 16382
)

// prepare answers COM_STMT_PREPARE.
func (c *conn) prepare(sent []byte) error {
	p := &prepared{}
	var fields []*querypb.Field
	text, err := c.decode(sent)
	if err != nil {
		return c.fail("preparing a statement", err)
	}
	err = c.guarded(text, func(st *statement) (err error) {
		first, rest := splitStatement(text)
		if rest != "" {
			return mysql.NewSQLError(mysql.ERParseError, "42000",
				"You have an error in your SQL syntax: only one statement can be prepared at a time")
		}
		p.query = first
		fields, err = c.describe(st, p)
		return err
	})
	if err == nil && c.srv.prepared.Add(1) > mostPrepared {
		c.srv.prepared.Add(-1)
		err = mysql.NewSQLError(1461, "42000",
			"Can't create more than max_prepared_stmt_count statements (current value: %d)", mostPrepared)
	}
	if err != nil {
		return c.fail(text, reword(text, err))
	}
	c.lastPrepared++
	p.id = c.lastPrepared
	c.prepared[p.id] = p
	c.texts[p.query]++
	return c.writePrepared(p, fields)
}

// describe has go-mysql-server prepare a statement, and gives the columns of its
// result.
func (c *conn) describe(st *statement, p *prepared) ([]*querypb.Field, error) {
	ctx := c.context(st.ctx, p.query)
	if err := sql.SessionCommandBegin(c.session); err != nil {
		return nil, err
	}
	defer sql.SessionCommandEnd(c.session)
	if err := checkNots(p.query); err != nil {
		return nil, err
	}
	schema, params, ok, err := c.srv.cfg.Executor.PrepareExplain(ctx, p.query)
	if err == nil && !ok {
		schema, params, err = c.prepareQuery(ctx, p.query)
	}
	if err != nil {
		return nil, err
	}
	if params > mostParams {
		return nil, mysql.NewSQLError(1390, "HY000", "Prepared statement contains too many placeholders")
	}
	p.params = params
	if len(schema) == 0 || types.IsOkResultSchema(schema) {
		return nil, nil
	}
	return fieldsOf(ctx, schema), nil
}

func (c *conn) prepareQuery(ctx *sql.Context, query string) (_ sql.Schema, params int, _ error) {
	stmt, _, err := c.srv.sqle.Parser.ParseOneWithOptions(ctx, query, sql.LoadSqlMode(ctx).ParserOptions())
	if err != nil {
		return nil, 0, err
	}
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if v, ok := n.(*sqlparser.SQLVal); ok && v.Type == sqlparser.ValArg {
			params++
		}
		return true, nil
	}, stmt)
	node, err := c.srv.sqle.PrepareQuery(ctx, query)
	if err != nil || writes(node) {
		return nil, params, err
	}
	return node.Schema(ctx), params, nil
}

// writes reports whether a plan, whatever its schema is while it is prepared,
// will only report how many rows it changed.
func writes(node sql.Node) bool {
	switch n := node.(type) {
	case *plan.InsertInto:
		return n.Returning == nil
	case *plan.Update, *plan.UpdateJoin, *plan.DeleteFrom:
		return true
	}
	return false
}

// writePrepared describes a prepared statement to the client.
func (c *conn) writePrepared(p *prepared, fields []*querypb.Field) error {
	head := binary.LittleEndian.AppendUint32([]byte{0}, p.id)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(fields)))
	head = binary.LittleEndian.AppendUint16(head, uint16(p.params))
	head = append(head, 0)
	head = binary.LittleEndian.AppendUint16(head, c.session.WarningCount())
	if err := c.out.write(head...); err != nil {
		return err
	}
	unknown := &querypb.Field{Name: "?", Type: sqltypes.VarBinary, Charset: uint32(sql.Collation_binary)}
	for range p.params {
		if err := c.writeField(unknown, false); err != nil {
			return err
		}
	}
	if p.params > 0 {
		if err := c.separator(); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if err := c.writeField(f, false); err != nil {
			return err
		}
	}
	if len(fields) > 0 {
		return c.separator()
	}
	return nil
}

// lookUp finds the prepared statement that a command begins with.
func (c *conn) lookUp(in *payload, doing string) (*prepared, error) {
	id := in.uint32()
	if p := c.prepared[id]; p != nil && !in.short {
		return p, nil
	}
	return nil, mysql.NewSQLError(1243, "HY000", "Unknown prepared statement handler (%d) given to %s", id, doing)
}

// execute answers COM_STMT_EXECUTE.
func (c *conn) execute(arg []byte) error {
	in := payload{b: arg}
	p, err := c.lookUp(&in, "mysqld_stmt_execute")
	if err != nil {
		return c.fail("executing a statement", err)
	}
	const readOnlyCursor = 1
	wantsCursor := in.uint8()&readOnlyCursor != 0
	in.uint32() // how many times: always once
	c.closeCursor(p)
	bindings, err := p.bind(&in, c.decode)
	if p.failed != nil {
		err = p.failed
	}
	c.forgetLong(p)
	p.failed = nil
	if err != nil {
		return c.fail(p.query, err)
	}
	st := engine.Statement{Query: p.query, Bindings: bindings}
	if wantsCursor {
		return c.openCursor(p, st)
	}
	_, err = c.run(st, runOptions{binary: true})
	return err
}

// longData takes a part of a parameter's value (COM_STMT_SEND_LONG_DATA). It has no
// answer: what is wrong is told when the statement is executed.
func (c *conn) longData(arg []byte) {
	in := payload{b: arg}
	p, err := c.lookUp(&in, "mysql_stmt_send_long_data")
	i := int(in.uint16())
	if err != nil || in.short {
		return
	}
	b := in.rest()
	switch {
	case p.failed != nil: // and stays so
	case i >= p.params:
		p.failed = mysql.NewSQLError(1210, "HY000", "Incorrect arguments to mysqld_stmt_send_long_data")
	case c.longSize+len(b) > c.srv.cfg.MaxPacket: // of all statements of the connection
		p.failed = mysql.NewSQLError(1301, "HY000",
			"Parameter of prepared statement which is set through mysql_send_long_data() is longer than 'max_allowed_packet' bytes")
		c.forgetLong(p)
	default:
		if p.long == nil {
			p.long = map[int][]byte{}
		}
		p.long[i] = append(p.long[i], b...)
		p.size += len(b)
		c.longSize += len(b)
	}
}

// forgetLong lets the values go that were sent beforehand.
func (c *conn) forgetLong(p *prepared) {
	c.longSize -= p.size
	p.long, p.size = nil, 0
}

// closePrepared answers COM_STMT_CLOSE, with nothing.
func (c *conn) closePrepared(arg []byte) {
	in := payload{b: arg}
	if p, err := c.lookUp(&in, "mysqld_stmt_close"); err == nil {
		c.forget(p)
	}
}

// resetPrepared answers COM_STMT_RESET.
func (c *conn) resetPrepared(arg []byte) error {
	in := payload{b: arg}
	p, err := c.lookUp(&in, "mysqld_stmt_reset")
	if err != nil {
		return c.fail("resetting a statement", err)
	}
	c.closeCursor(p)
	c.forgetLong(p)
	p.failed = nil
	return c.ok(0, 0, "")
}

// forget closes a prepared statement.
func (c *conn) forget(p *prepared) {
	c.closeCursor(p)
	c.forgetLong(p)
	delete(c.prepared, p.id)
	c.srv.prepared.Add(-1)
	// The session keeps what was parsed by its text.
	if c.texts[p.query]--; c.texts[p.query] == 0 {
		delete(c.texts, p.query)
		c.session.UnprepareQuery(p.query)
	}
}

func (c *conn) forgetAll() {
	for _, p := range c.prepared {
		c.forget(p)
	}
}

// Flags of a result's end that the wire library has no names for.
const (
	statusCursorExists = 1 << 6
	statusLastRowSent  = 1 << 7
)

// A cursor is a statement whose rows are sent as the client fetches them. Its rows are
// read by the fetching command and not ahead of it, since other statements of the
// same session run between two of them, and a session is used by one goroutine at a
// time. Stores read ahead themselves.
type cursor struct {
	st    *statement
	ctx   *sql.Context
	rows  source
	enc   *encoder
	chunk *chunk // being sent; nil: the next one is to be read
	at    int    // the next row of it
	ended bool   // there is no next one
	limit func() // begins the time that a fetch may take
	close func() error

	finished bool // its statement has ended
}

// openCursor executes a statement and describes its result. A statement without rows
// has no cursor.
func (c *conn) openCursor(p *prepared, es engine.Statement) error {
	st := c.srv.begin(context.Background(), c, es.Query)
	cur := &cursor{st: st}
	opened := false
	defer func() {
		if !opened {
			st.end(c.srv.watcher)
		}
	}()
	err := st.why(guard(func() (err error) {
		opened, err = c.startCursor(cur, es)
		return err
	}))
	if !opened || err != nil {
		opened = false
		c.srv.logEnd(st, err)
		return c.tell(reword(es.Query, err))
	}
	p.cursor = cur
	return nil
}

// startCursor is false when the statement had no rows to open a cursor on, and was
// answered.
func (c *conn) startCursor(cur *cursor, es engine.Statement) (opened bool, err error) {
	st := cur.st
	ctx := c.context(st.ctx, es.Query)
	defer c.beginProcess(ctx, es.Query)()
	if err := sql.SessionCommandBegin(c.session); err != nil {
		return false, err
	}
	defer sql.SessionCommandEnd(c.session)
	cur.limit = func() {
		if d := timeLimit(ctx, es.Query); d > 0 {
			st.limit(d)
		}
	}
	cur.limit()
	es.Flags = &sql.QueryFlags{}
	r, err := c.srv.cfg.Executor.Execute(ctx, es)
	if err != nil {
		return false, err
	}
	cur.close = c.closer(ctx, st, r)
	defer func() {
		if !opened {
			_ = cur.close()
		}
	}()
	if r.Schema == nil || types.IsOkResultSchema(r.Schema) {
		return false, c.sendOK(ctx, r, cur.close, false)
	}
	cur.ctx, cur.rows = ctx, rowsOf(ctx, r)
	if err := cur.next(); err != nil {
		return false, err
	}
	if err := c.setStatus(ctx); err != nil {
		return false, err
	}
	if cur.enc, err = encoderOf(ctx, r.Schema, true); err != nil {
		return false, err
	}
	if err := c.writeCount(len(r.Schema)); err != nil {
		return false, err
	}
	for _, f := range fieldsOf(ctx, r.Schema) {
		if err := c.writeField(f, false); err != nil {
			return false, err
		}
	}
	// Between two fetches time is the client's.
	st.unlimit()
	return true, c.end(statusCursorExists)
}

// next reads a chunk ahead, so that the last fetch is known to be the last.
func (cur *cursor) next() error {
	if cur.chunk == nil {
		cur.chunk = &chunk{}
	}
	cur.at = 0
	err := cur.rows.fill(cur.ctx, cur.chunk)
	if isEOF(err) {
		cur.ended, cur.chunk, err = true, nil, nil
	}
	return err
}

// fetch answers COM_STMT_FETCH.
func (c *conn) fetch(arg []byte) error {
	in := payload{b: arg}
	p, err := c.lookUp(&in, "mysqld_stmt_fetch")
	n := in.uint32()
	if err == nil && in.short {
		err = errMalformed
	}
	if err == nil && p.cursor == nil {
		err = mysql.NewSQLError(1421, "HY000", "The statement (%d) has no open cursor.", p.id)
	}
	if err != nil {
		return c.fail("fetching rows", err)
	}
	cur := p.cursor
	var last bool
	err = cur.st.why(guard(func() (err error) {
		defer c.beginProcess(cur.ctx, p.query)()
		if err := cur.ctx.Err(); err != nil {
			return err
		}
		cur.limit()
		defer cur.st.unlimit()
		last, err = c.sendFetched(cur, n)
		return err
	}))
	if err != nil || last {
		c.endCursor(p, err)
	}
	if err != nil {
		return c.tell(reword(p.query, err))
	}
	flags := uint16(statusCursorExists)
	if last {
		flags = statusLastRowSent
	}
	return c.end(flags)
}

// sendFetched sends up to n rows, and reports whether they were the last.
func (c *conn) sendFetched(cur *cursor, n uint32) (last bool, _ error) {
	for n > 0 && !cur.ended {
		if cur.at >= cur.chunk.len() {
			if err := cur.next(); err != nil {
				return false, err
			}
			continue
		}
		k := min(int(n), cur.chunk.len()-cur.at)
		if err := c.sendRows(cur.st, cur.enc, cur.chunk, cur.at, cur.at+k); err != nil {
			return false, err
		}
		cur.at += k
		n -= uint32(k)
	}
	if !cur.ended && cur.at >= cur.chunk.len() && cur.chunk.last {
		cur.ended = true
	}
	return cur.ended, nil
}

// closeCursor ends the statement of a cursor, if there is one.
func (c *conn) closeCursor(p *prepared) {
	if p.cursor != nil {
		c.endCursor(p, nil)
	}
}

// endCursor closes a cursor; err is why, nil where nothing went wrong.
func (c *conn) endCursor(p *prepared, err error) {
	p.cursor.finish(c, err)
	p.cursor = nil
}

// finish ends the cursor's statement. It may be called again.
func (cur *cursor) finish(c *conn, err error) {
	if cur.finished {
		return
	}
	cur.finished = true
	if cerr := cur.close(); cerr != nil {
		c.srv.log.Debug().Err(cerr).Uint32("connection", c.id).Msg("closing a statement")
	}
	cur.st.end(c.srv.watcher)
	c.srv.logEnd(cur.st, err)
}

// closeStopped ends cursors whose statements were ended from outside while nobody
// fetched. The next fetch says why.
func (c *conn) closeStopped() {
	for _, p := range c.prepared {
		if cur := p.cursor; cur != nil && cur.ctx.Err() != nil {
			cur.finish(c, cur.st.why(cur.ctx.Err()))
		}
	}
}
