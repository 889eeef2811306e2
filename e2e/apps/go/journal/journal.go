// Package journal is what an app writes down about itself; the same lines as apps/ts/journal.ts.
package journal

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Fields are the members of a line besides its time and kind.
type Fields map[string]any

type Journal struct {
	file *os.File
}

func Open(path string) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	// A predecessor killed in the middle of a line must not spoil ours.
	if _, err := file.Write([]byte("\n")); err != nil {
		return nil, err
	}
	journal := &Journal{file}
	journal.Write("started", Fields{"pid": os.Getpid()})
	return journal, nil
}

// Write is synchronous, so that the line is in the kernel's hands before the app goes on.
func (journal *Journal) Write(kind string, fields Fields) {
	entry := map[string]any{"at": time.Now().UnixMilli(), "kind": kind}
	for name, value := range fields {
		entry[name] = value
	}
	line, err := json.Marshal(entry)
	if err == nil {
		_, err = journal.file.Write(append(line, '\n'))
	}
	if err != nil {
		// An app without evidence is of no use: it must not go on as if nothing had happened.
		fmt.Fprintf(os.Stderr, "cannot write to the journal: %v\n", err)
		os.Exit(1)
	}
}
