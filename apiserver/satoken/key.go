package satoken

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

// Key signs the tokens of one world.
type Key struct {
	private *ecdsa.PrivateKey
	id      string
}

// NewKey computes the key of a world with a seed.
func NewKey(seed int64) *Key {
	for n := 0; ; n++ {
		scalar := sha256.Sum256(fmt.Appendf(nil, "service account key %d of seed %d", n, seed))
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
		if err != nil {
			continue // one in 2^32 is not below the order of the curve
		}
		der, err := x509.MarshalPKIXPublicKey(private.Public())
		if err != nil {
			panic(err) // a key of a known curve
		}
		sum := sha256.Sum256(der)
		return &Key{private, text(sum[:])}
	}
}

// coordinate is the length of half a signature, and of a coordinate of a
// public key, in bytes.
const coordinate = 32

var errSignature = errors.New("go-jose/go-jose: error in cryptographic primitive")

// header is that of all tokens of a key.
func (k *Key) header() string { return text(fmt.Appendf(nil, `{"alg":"ES256","kid":%q}`, k.id)) }

// sign is the signature of RFC 7518, 3.4: r and s side by side.
func (k *Key) sign(input string) (string, error) {
	sum := sha256.Sum256([]byte(input))
	der, err := k.private.Sign(nil, sum[:], crypto.SHA256) // nil: as RFC 6979 has it
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &parts); err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	signature := make([]byte, 2*coordinate)
	parts.R.FillBytes(signature[:coordinate])
	parts.S.FillBytes(signature[coordinate:])
	return text(signature), nil
}

func (k *Key) verify(input string, signature []byte) error {
	if len(signature) != 2*coordinate {
		return errSignature
	}
	sum := sha256.Sum256([]byte(input))
	r, s := new(big.Int).SetBytes(signature[:coordinate]), new(big.Int).SetBytes(signature[coordinate:])
	if !ecdsa.Verify(&k.private.PublicKey, sum[:], r, s) {
		return errSignature
	}
	return nil
}

// KeySet is the public key as a JSON Web Key Set, by which others can check
// tokens.
func (k *Key) KeySet() []byte {
	point, err := k.private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err) // a key of a known curve
	}
	type webKey struct {
		Use string `json:"use"`
		Kty string `json:"kty"`
		Kid string `json:"kid"`
		Crv string `json:"crv"`
		Alg string `json:"alg"`
		X   string `json:"x"`
		Y   string `json:"y"`
	}
	set, err := json.Marshal(map[string][]webKey{"keys": {{
		"sig", "EC", k.id, "P-256", "ES256", text(point[1 : 1+coordinate]), text(point[1+coordinate:]),
	}}})
	if err != nil {
		panic(err) // strings
	}
	return set
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
