package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// findAuditLog makes the path of the audit log one that the cluster's process
// understands, which runs elsewhere.
func (o *clusterOptions) findAuditLog() (err error) {
	if o.Audit != "" {
		o.Audit, err = filepath.Abs(o.Audit)
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
