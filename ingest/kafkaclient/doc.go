// Package kafkaclient is what those who talk to Kafka through kafka-go share:
// connections that can be cut, requests that any Kafka takes, and waiting that
// ends with its context.
package kafkaclient
