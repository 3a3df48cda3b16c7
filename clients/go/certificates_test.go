package hfbeam_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// authority issues certificates. Its own is in the file ca.
type authority struct {
	ca          string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	directory   string
}

func newAuthority(directory string) *authority {
	if err := os.Mkdir(directory, 0o700); err != nil {
		panic(err)
	}
	a := &authority{directory: directory, key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	a.certificate = &x509.Certificate{
		Subject: pkix.Name{CommonName: directory}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.ca = a.write("ca.pem", "CERTIFICATE", a.sign(a.certificate, a.key))
	return a
}

// issue gives the files of a certificate for a name, and of its key.
func (a *authority) issue(name string) (certFile, keyFile string) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	signed := a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}}, key)
	return a.write(name+".pem", "CERTIFICATE", signed),
		a.write(name+".key", "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
}

func (a *authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	return must(x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key))
}

func (a *authority) write(name, kind string, content []byte) string {
	file := filepath.Join(a.directory, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		panic(err)
	}
	return file
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
