package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// findFiles makes the paths of files such that the cluster's process
// understands them, which runs elsewhere.
func (o *apiServerOptions) findFiles() (err error) {
	for _, path := range []*string{&o.Audit, &o.Tokens} {
		if *path != "" && err == nil {
			*path, err = filepath.Abs(*path)
		}
	}
	return err
}

// openAuditLog returns nil if there is to be none. Like kube-apiserver's, the
// file is for nobody else to read, and goes on from where it ended.
func openAuditLog(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the audit log (see --audit-log): %w", err)
	}
	return file, nil
}
