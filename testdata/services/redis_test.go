package services

import (
	"bufio"
	"fmt"
	"net"
	"testing"
)

func TestRedisAnswers(t *testing.T) {
	conn, err := net.Dial("tcp", Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "PING\r\n")
	if answer, err := bufio.NewReader(conn).ReadString('\n'); err != nil || answer != "+PONG\r\n" {
		t.Errorf("PING: %q, %v", answer, err)
	}
}
