package keyring

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// SlotSize is the size of one slot on disk, in bytes. A slot is written in one piece, never moved.
const SlotSize = 512

// MaxKeys is how many public keys one slot can be sealed to.
const MaxKeys = 4

// Ref names a slot: the object, and the slot's number in the slot file of the object's day.
type Ref struct {
	ID   ID
	Slot uint32
}

// String is the place of the slot in words, for errors.
func (r Ref) String() string {
	return fmt.Sprintf("slot %d of %s for %v", r.Slot, dayOf(r.ID), r.ID)
}

// Kind says what sort of object a slot's key belongs to.
type Kind uint8

// The kinds of object.
const (
	KindSegment Kind = 1
	KindPackage Kind = 2
)

// State of a slot. It only ever grows.
type State uint8

// The states of a slot.
const (
	StateOpen   State = 1 // the object is being written; after a crash it may be recovered
	StateSealed State = 2 // the object is complete; if it lost bytes, that is an incident
	StateErased State = 3 // the key is destroyed

	// A retired slot is erased, and so are all that followed it in its day's file: their number,
	// this one included, is in the place of the record count. Only slot 0 can be retired.
	stateRetired State = 4
)

// String is the state's word in FORMAT.md.
func (s State) String() string {
	switch s {
	case StateOpen:
		return "open"
	case StateSealed:
		return "sealed"
	case StateErased:
		return "erased"
	case stateRetired:
		return "retired"
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// SealedKey is an object's key, sealed to one public key.
type SealedKey struct {
	To  KeyID
	Box [80]byte // HPKE: 32 bytes of encapsulated key, 48 of ciphertext
}

// Slot is what the keyring knows of one object.
type Slot struct {
	Ref
	Kind       Kind
	State      State
	Generation uint32      // counts the writes of this slot, from 1
	Keys       []SealedKey // none once erased
	Records    uint32      // of the sealed object; 0 while open and once erased
	Root       [32]byte    // of the sealed object; zero while open and once erased
	Fault      error       // how the twins differ, nil if they do not; [Ring.Mend] repairs it
}

// What the ring says of a slot.
var (
	ErrNoSlot  = errors.New("no such key slot")
	ErrErased  = errors.New("the key is erased")
	ErrDamaged = errors.New("the key slot is damaged in both twins")
	ErrVersion = errors.New("the key slot was written by a newer varuh: update this one")
	ErrSealed  = errors.New("the object was sealed before, with other contents")
)

// What one twin alone says of a slot.
var (
	errAbsent  = errors.New("not written")
	errTorn    = errors.New("torn or damaged")
	errForeign = errors.New("in the place of another object's slot")
	errRetired = fmt.Errorf("retired with its day: %w", ErrErased)
)

const slotVersion = 1

var (
	slotMagic = [8]byte{'v', 'a', 'r', 'u', 'h', 'k', 'e', 'y'}
	crcTable  = crc32.MakeTable(crc32.Castagnoli)
)

// Offsets in an encoded slot, as in FORMAT.md.
const (
	atVersion    = 8
	atState      = 10
	atKind       = 11
	atNumber     = 12
	atID         = 16
	atStore      = 32
	atGeneration = 48
	atRecords    = 52
	atRoot       = 56
	atCount      = 88
	atKeys       = 96
	atCRC        = SlotSize - 4

	sealedKeySize = len(KeyID{}) + len(SealedKey{}.Box)
)

// encode writes a slot of the given store as it lies on disk.
func (s Slot) encode(store ID) [SlotSize]byte {
	var b [SlotSize]byte
	copy(b[:], slotMagic[:])
	binary.BigEndian.PutUint16(b[atVersion:], slotVersion)
	b[atState], b[atKind] = byte(s.State), byte(s.Kind)
	binary.BigEndian.PutUint32(b[atNumber:], s.Slot)
	copy(b[atID:], s.ID[:])
	copy(b[atStore:], store[:])
	binary.BigEndian.PutUint32(b[atGeneration:], s.Generation)
	binary.BigEndian.PutUint32(b[atRecords:], s.Records)
	copy(b[atRoot:], s.Root[:])
	b[atCount] = byte(len(s.Keys))
	for i, k := range s.Keys {
		at := atKeys + i*sealedKeySize
		copy(b[at:], k.To[:])
		copy(b[at+len(k.To):], k.Box[:])
	}
	binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[:atCRC], crcTable))
	return b
}

// decode reads what encode wrote. The error is errAbsent for a block of zeros, which is what a
// place never written reads as, [ErrVersion] for a whole slot of another version, else errTorn.
func decode(b *[SlotSize]byte) (s Slot, store ID, err error) {
	if *b == ([SlotSize]byte{}) {
		return Slot{}, ID{}, errAbsent
	}
	if !bytes.Equal(b[:atVersion], slotMagic[:]) ||
		binary.BigEndian.Uint32(b[atCRC:]) != crc32.Checksum(b[:atCRC], crcTable) {
		return Slot{}, ID{}, errTorn
	}
	if v := binary.BigEndian.Uint16(b[atVersion:]); v != slotVersion {
		return Slot{}, ID{}, fmt.Errorf("version %d: %w", v, ErrVersion)
	}
	s.State, s.Kind = State(b[atState]), Kind(b[atKind])
	s.Slot = binary.BigEndian.Uint32(b[atNumber:])
	s.ID = ID(b[atID:])
	s.Generation = binary.BigEndian.Uint32(b[atGeneration:])
	s.Records = binary.BigEndian.Uint32(b[atRecords:])
	s.Root = [32]byte(b[atRoot:])
	s.Keys = decodeKeys(b)
	store = ID(b[atStore:])
	if s.encode(store) != *b || s.check() != nil {
		return Slot{}, ID{}, errTorn
	}
	return s, store, nil
}

// decodeKeys reads the sealed keys; a count that is too large reads as none and fails in decode.
func decodeKeys(b *[SlotSize]byte) []SealedKey {
	n := int(b[atCount])
	if n == 0 || n > MaxKeys {
		return nil
	}
	keys := make([]SealedKey, n)
	for i := range keys {
		at := atKeys + i*sealedKeySize
		keys[i].To = KeyID(b[at:])
		keys[i].Box = [80]byte(b[at+len(KeyID{}):])
	}
	return keys
}

// check refuses what no ring writes: a state without its keys, or keys without their state.
func (s Slot) check() error {
	alive := s.State == StateOpen || s.State == StateSealed
	switch {
	case s.State < StateOpen || s.State > stateRetired:
		return fmt.Errorf("%v is none of the states of a slot", s.State)
	case s.Kind == 0 || s.Generation == 0:
		return errors.New("a slot without kind or generation")
	case alive != (len(s.Keys) > 0):
		return fmt.Errorf("%d sealed keys in an %v slot", len(s.Keys), s.State)
	case s.State != StateSealed && s.Root != [32]byte{}:
		return fmt.Errorf("a root in an %v slot", s.State)
	case (s.State == StateOpen || s.State == StateErased) && s.Records != 0:
		return fmt.Errorf("%d records in an %v slot", s.Records, s.State)
	case s.State == stateRetired && (s.Slot != 0 || s.Records == 0):
		return errors.New("a retired slot that is not the first of its file, or stands for none")
	}
	return nil
}
