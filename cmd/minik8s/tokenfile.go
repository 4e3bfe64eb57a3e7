package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"

	"github.com/minik8s/minik8s/apiserver"
)

// readTokens reads a file of static bearer tokens: lines of token, user name,
// user UID and, in quotes, groups. No path means no tokens.
//
// Upstream: k8s.io/apiserver/pkg/authentication/token/tokenfile (NewCSV), which only warns of an empty token or one that occurs twice.
func readTokens(path string) (map[string]apiserver.User, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--token-auth-file: %w", err)
	}
	defer file.Close()
	lines := csv.NewReader(file)
	lines.FieldsPerRecord = -1
	records, err := lines.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("--token-auth-file %s: %w", path, err)
	}
	tokens := make(map[string]apiserver.User, len(records))
	for i, fields := range records {
		if len(fields) < 3 {
			return nil, fmt.Errorf("--token-auth-file %s: entry %d wants at least 3 columns (token, user name, user uid), not %d", path, i+1, len(fields))
		}
		token := fields[0]
		if _, again := tokens[token]; again || token == "" {
			return nil, fmt.Errorf("--token-auth-file %s: entry %d wants a token of its own, not %q", path, i+1, token)
		}
		u := apiserver.User{Name: fields[1], UID: fields[2]}
		if len(fields) > 3 && fields[3] != "" {
			u.Groups = strings.Split(fields[3], ",")
		}
		tokens[token] = u
	}
	return tokens, nil
}
