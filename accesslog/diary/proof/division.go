package proof

// What follows is for whoever offers a diary as a bundle that no [BundleWriter] wrote, divided as one that it did.

// AboutFile is the file of a bundle that [ParseAbout] reads, with a newline behind it.
const AboutFile = aboutFile

// LeavesDir is the folder of the leaves of all chunks.
const LeavesDir = leavesDir

// A chunk is closed when it has ChunkEntries entries, or when the bytes of its files reach ChunkBytes.
const (
	ChunkEntries = chunkEntries
	ChunkBytes   = chunkBytes
)

// ChunkFiles are the names of the files of the chunk that begins with an entry.
func ChunkFiles(first int64) (leaves, bodies, manifests string) {
	return chunkName(leavesDir, first), chunkName(bodiesDir, first), chunkName(manifestsDir, first)
}
