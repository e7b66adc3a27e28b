package parity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// DatabaseHost is the name of the database in the container's network.
const DatabaseHost = "database"

// The files of the database's TLS. The certificate is its own authority.
const (
	certificateFile = "certificate.pem"
	keyFile         = "key.pem"
	accessFile      = "pg_hba.conf"
)

// access takes TLS and passwords alone, as rds.force_ssl does.
const access = "local all all trust\nhostssl all all all scram-sha-256\n"

// WriteDatabaseFiles writes what ServerOptions name: a certificate for DatabaseHost
// and this machine, its key, and who may connect.
func WriteDatabaseFiles(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().AddDate(0, 0, 7),
		DNSNames: []string{DatabaseHost, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		certificateFile: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		keyFile:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		accessFile:      []byte(access),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil { // a key of this run, which the container reads
			return err
		}
	}
	return nil
}

// ServerOptions are the options of a PostgreSQL server with the platform's parameters
// and forced TLS. It knows no parameters of RDS, and pgAudit only where it is installed.
func (d Database) ServerOptions(dir, key string, audits bool) []string {
	options := []string{"ssl=on", "ssl_cert_file=" + dir + "/" + certificateFile, "ssl_key_file=" + key, "hba_file=" + dir + "/" + accessFile}
	for _, name := range slices.Sorted(maps.Keys(d.Parameters)) {
		value := d.Parameters[name]
		if name == "shared_preload_libraries" && !audits {
			value = strings.Join(slices.DeleteFunc(strings.Split(value, ","), func(library string) bool { return library == "pgaudit" }), ",")
		}
		known := !strings.HasPrefix(name, "rds.") && (audits || !strings.HasPrefix(name, "pgaudit."))
		if known {
			options = append(options, name+"="+value)
		}
	}
	return options
}
