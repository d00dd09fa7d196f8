package engine

import (
	"io"
	"strings"
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

// logrusHook writes logrus entries as zerolog events. go-mysql-server warns of
// every statement that fails, which is the user's business and not the
// operator's: those become debug events.
type logrusHook struct{ log zerolog.Logger }

// Levels implements logrus.Hook.
func (h *logrusHook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire implements logrus.Hook.
func (h *logrusHook) Fire(entry *logrus.Entry) error {
	var ev *zerolog.Event
	switch entry.Level {
	case logrus.PanicLevel, logrus.FatalLevel, logrus.ErrorLevel:
		ev = h.log.Error()
		if ordinary(entry.Message) {
			ev = h.log.Debug()
		}
	case logrus.WarnLevel, logrus.InfoLevel, logrus.DebugLevel:
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

// ordinary reports whether what go-mysql-server calls an error is what clients
// do all day: going away, or naming a database that there isn't.
func ordinary(message string) bool {
	for _, part := range []string{
		"use of closed network connection", "connection reset by peer", "broken pipe", "EOF",
		"unable to process ComInitDB", "ComInitDB failed",
	} {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}
