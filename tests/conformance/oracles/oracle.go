// Asks golang.org/x/mod/sumdb/{note,tlog} about an exported log: oracle FOLDER < JSON, with answers as JSON.
// It builds each proof anew from our tiles and says whether ours is the same, byte for byte, and holds.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	LogKey      string `json:"log_key"`
	Inclusion   []proof
	Consistency []proof
}

type proof struct {
	Index, Size int64
	Path        [][]byte
}

type answers struct {
	Size                                  int64
	Root                                  string
	Inclusion, Consistency, Bent, Bundles int
	Faults                                []string
}

// reader reads tiles where C2SP tlog-tiles has them: without the height in the path.
type reader struct{ folder string }

func (r reader) Height() int { return 8 }

func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(r.folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(folder, key string) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	must(err)
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	var tree tlog.Tree
	_, err = fmt.Sscan(lines[1], &tree.N)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	copy(tree.Hash[:], root)
	return tree
}

// leaves reads the entry bundles and returns the hash of each entry.
func leaves(folder string, size int64) []tlog.Hash {
	var found []tlog.Hash
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		path := tlog.Tile{H: 8, L: 0, N: n, W: int(width)}.Path()
		data, err := os.ReadFile(filepath.Join(folder, "tile/entries/"+strings.TrimPrefix(path, "tile/8/0/")))
		must(err)
		for len(data) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(data))
			found = append(found, tlog.RecordHash(data[2:end]))
			data = data[end:]
		}
	}
	return found
}

func same(ours [][]byte, theirs []tlog.Hash) bool {
	if len(ours) != len(theirs) {
		return false
	}
	for i := range ours {
		if !bytes.Equal(ours[i], theirs[i][:]) {
			return false
		}
	}
	return true
}

func main() {
	folder := os.Args[1]
	var asked question
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	tree := open(folder, asked.LogKey)
	said := answers{Size: tree.N, Root: fmt.Sprintf("%x", tree.Hash[:]), Faults: []string{}}
	hashes := tlog.TileHashReader(tree, reader{folder})
	entries := leaves(folder, tree.N)
	said.Bundles = len(entries)
	for _, one := range asked.Inclusion {
		theirs, err := tlog.ProveRecord(one.Size, one.Index, hashes)
		must(err)
		root, err := tlog.TreeHash(one.Size, hashes)
		must(err)
		err = tlog.CheckRecord(theirs, one.Size, root, one.Index, entries[one.Index])
		if err != nil || !same(one.Path, theirs) {
			said.Faults = append(said.Faults, fmt.Sprintf("inclusion of %d in %d: %v", one.Index, one.Size, err))
		}
		other := entries[(one.Index+1)%tree.N]
		if tlog.CheckRecord(theirs, one.Size, root, one.Index, other) != nil {
			said.Bent++
		}
		said.Inclusion++
	}
	for _, one := range asked.Consistency {
		theirs, err := tlog.ProveTree(one.Size, one.Index, hashes)
		must(err)
		older, err := tlog.TreeHash(one.Index, hashes)
		must(err)
		root, err := tlog.TreeHash(one.Size, hashes)
		must(err)
		err = tlog.CheckTree(theirs, one.Size, root, one.Index, older)
		if err != nil || !same(one.Path, theirs) {
			said.Faults = append(said.Faults, fmt.Sprintf("%d as prefix of %d: %v", one.Index, one.Size, err))
		}
		said.Consistency++
	}
	must(json.NewEncoder(os.Stdout).Encode(said))
}
