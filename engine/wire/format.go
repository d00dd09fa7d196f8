package wire

import "strconv"

// This file writes values as MySQL's text protocol has them, without length
// and without quotes.

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86400 * microsPerSecond
)

// civil is the date of a day counted from 1970-01-01, in the proleptic
// Gregorian calendar.
func civil(days int64) (year, month, day int) {
	z := days + 719468 // from 0000-03-01
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func append2(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// appendDate writes a day counted from 1970-01-01.
func appendDate(dst []byte, days int64) []byte {
	y, m, d := civil(days)
	dst = append2(append2(dst, y/100), y%100)
	dst = append2(append(dst, '-'), m)
	return append2(append(dst, '-'), d)
}

// appendDatetime writes a wall clock's reading, in microseconds since
// 1970-01-01, with scale digits after the second.
func appendDatetime(dst []byte, micros int64, scale int) []byte {
	days := floorDiv(micros, microsPerDay)
	dst = appendDate(dst, days)
	dst = append(dst, ' ')
	return appendClock(dst, micros-days*microsPerDay, scale)
}

// appendTime writes a TIME, which may be negative and longer than a day.
func appendTime(dst []byte, micros int64, scale int) []byte {
	if micros < 0 {
		dst = append(dst, '-')
		micros = -micros
	}
	return appendClock(dst, micros, scale)
}

func appendClock(dst []byte, micros int64, scale int) []byte {
	secs := micros / microsPerSecond
	if h := secs / 3600; h < 100 {
		dst = append2(dst, int(h))
	} else {
		dst = strconv.AppendInt(dst, h, 10)
	}
	dst = append2(append(dst, ':'), int(secs/60%60))
	dst = append2(append(dst, ':'), int(secs%60))
	if scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	frac := micros % microsPerSecond
	for unit := int64(100_000); scale > 0; scale-- {
		dst = append(dst, byte('0'+frac/unit%10))
		unit /= 10
	}
	return dst
}
