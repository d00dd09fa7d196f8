package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"

	"gridgate/cmd/gridgate/internal/config"
)

// openTLS gives what MySQL clients are offered; nil when that is off. Without a
// configured certificate one is made, as MySQL does, which protects against listening,
// not against a server that only says that it is this one.
func openTLS(c config.TLS) (*tls.Config, error) {
	if c.Mode == "off" {
		return nil, nil
	}
	var cert tls.Certificate
	var err error
	if c.Cert != "" {
		cert, err = tls.LoadX509KeyPair(c.Cert, c.Key)
	} else {
		cert, err = selfSigned(time.Now())
	}
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s and its key %s (server.tls): %w", c.Cert, c.Key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// selfSigned makes a certificate for this machine. Its key is in no file, so it is
// another one after each start.
func selfSigned(now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	names := []string{"localhost"}
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "gridgate, generated at its start"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// tlsText says what clients are offered.
func tlsText(c config.TLS) string {
	switch {
	case c.Mode == "off":
		return "; no TLS"
	case c.Cert != "":
		return fmt.Sprintf("; TLS is %s, with the certificate %s", c.Mode, c.Cert)
	}
	return fmt.Sprintf("; TLS is %s, with a certificate made at the start", c.Mode)
}
