// Package redis is the tables latest_readings and recent_readings in Redis, and
// the layout of their keys and values, which the ingest's sink writes.
package redis
