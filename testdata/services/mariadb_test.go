package services

import (
	"database/sql"
	"testing"

	_ "github.com/go-sql-driver/mysql"
)

func TestMariaDBAnswers(t *testing.T) {
	db, err := sql.Open("mysql", "root@tcp("+MariaDB(t)+")/test")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var answer int
	if err := db.QueryRow("SELECT 1").Scan(&answer); err != nil || answer != 1 {
		t.Errorf("SELECT 1: %d, %v", answer, err)
	}
}
