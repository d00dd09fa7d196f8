package engine

import (
	"io"
	"sync"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
)

var logrusOnce sync.Once

// forwardLogrus sends go-mysql-server's log, which goes through logrus's
// standard logger, to l. The first engine of a process decides.
func forwardLogrus(l zerolog.Logger) {
	logrusOnce.Do(func() {
		logrus.SetOutput(io.Discard)
		logrus.SetLevel(logrusLevel(l.GetLevel()))
		logrus.AddHook(&logrusHook{log: l})
	})
}

func logrusLevel(l zerolog.Level) logrus.Level {
	switch {
	case l <= zerolog.TraceLevel:
		return logrus.TraceLevel
	case l <= zerolog.DebugLevel:
		return logrus.DebugLevel
	default:
		return logrus.WarnLevel
	}
}

// logrusHook writes logrus entries as zerolog events. go-mysql-server and its
// wire library call errors and warnings what clients do all day: wrong SQL, a
// connection that is gone. That is not the operator's business, so those
// become debug events; what is, the stores and the wire log themselves.
type logrusHook struct{ log zerolog.Logger }

// Levels implements logrus.Hook.
func (h *logrusHook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire implements logrus.Hook.
func (h *logrusHook) Fire(entry *logrus.Entry) error {
	var ev *zerolog.Event
	switch entry.Level {
	case logrus.PanicLevel, logrus.FatalLevel:
		ev = h.log.Error()
	case logrus.ErrorLevel, logrus.WarnLevel, logrus.InfoLevel, logrus.DebugLevel:
		ev = h.log.Debug()
	default:
		ev = h.log.Trace()
	}
	for k, v := range entry.Data {
		ev = ev.Interface(k, v)
	}
	ev.Str("from", "go-mysql-server").Msg(entry.Message)
	return nil
}
