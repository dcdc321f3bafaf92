package genesystest

import (
	"bytes"
	"strconv"
	"time"
)

// pen writes JSON by appending. It knows no escapes: what it is given is
// either plain or escaped already. Commas it sets by itself.
type pen struct {
	buf  []byte
	now  int64
	day  int64    // the day whose text is kept, because most times of a record share it
	date [11]byte // 2006-01-02T
}

const dayMillis = 24 * 60 * 60 * 1000

func (p *pen) comma() {
	if n := len(p.buf); n > 0 && !bytes.ContainsRune([]byte("{[,"), rune(p.buf[n-1])) {
		p.buf = append(p.buf, ',')
	}
}

func (p *pen) name(name string) {
	p.comma()
	p.buf = append(p.buf, '"')
	p.buf = append(p.buf, name...)
	p.buf = append(p.buf, '"', ':')
}

// open begins an object or an array: a member if it has a name, else an element.
func (p *pen) open(name string, bracket byte) {
	if name == "" {
		p.comma()
	} else {
		p.name(name)
	}
	p.buf = append(p.buf, bracket)
}

func (p *pen) close(bracket byte) { p.buf = append(p.buf, bracket) }

func (p *pen) text(name, value string) {
	p.name(name)
	p.buf = append(p.buf, '"')
	p.buf = append(p.buf, value...)
	p.buf = append(p.buf, '"')
}

func (p *pen) number(name string, value int64) {
	p.name(name)
	p.buf = strconv.AppendInt(p.buf, value, 10)
}

// decimal writes thousandths.
func (p *pen) decimal(name string, thousandths int64) {
	p.name(name)
	p.buf = strconv.AppendFloat(p.buf, float64(thousandths)/1000, 'f', -1, 64)
}

func (p *pen) flag(name string, value bool) {
	p.name(name)
	p.buf = strconv.AppendBool(p.buf, value)
}

func (p *pen) id(name string, d *dice) {
	p.name(name)
	p.buf = append(p.buf, '"')
	p.buf = d.appendUUID(p.buf)
	p.buf = append(p.buf, '"')
}

func (p *pen) ids(name string, d *dice, count int) {
	p.open(name, '[')
	for range count {
		p.comma()
		p.buf = append(p.buf, '"')
		p.buf = d.appendUUID(p.buf)
		p.buf = append(p.buf, '"')
	}
	p.close(']')
}

func (p *pen) time(name string, millis int64) {
	p.name(name)
	p.buf = append(p.buf, '"')
	p.stamp(millis)
	p.buf = append(p.buf, '"')
}

// stamp appends a time as the API writes it: UTC, with milliseconds.
func (p *pen) stamp(millis int64) {
	day := millis - (millis%dayMillis+dayMillis)%dayMillis
	if day != p.day || p.date[0] == 0 {
		p.day = day
		time.UnixMilli(day).UTC().AppendFormat(p.date[:0], "2006-01-02T")
	}
	rest := millis - day
	p.buf = append(p.buf, p.date[:]...)
	hours, minutes, seconds := rest/3_600_000, rest/60_000%60, rest/1000%60
	p.buf = append(p.buf,
		digit(hours/10), digit(hours), ':',
		digit(minutes/10), digit(minutes), ':',
		digit(seconds/10), digit(seconds), '.',
		digit(rest/100), digit(rest/10), digit(rest), 'Z')
}

func digit(n int64) byte { return '0' + byte(n%10) }
