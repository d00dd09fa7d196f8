package wordrule

import "unicode/utf8"

// A propertyRun gives the code points lo to hi one property byte.
type propertyRun struct {
	lo, hi rune
	prop   uint8
}

// A lowerRun says that lo, lo+stride ... hi lower-case by adding delta.
type lowerRun struct {
	lo, hi, stride, delta rune
}

// A property byte is two flags and a class of the JDK's word boundaries.
const (
	propWord  = 1 << 0 // a letter, mark or digit
	propCased = 1 << 1 // what the JDK takes for a cased letter around a sigma
	propClass = 2      // how far to shift for the class
)

const blockBits = 8

type (
	propBlock  [1 << blockBits]uint8
	lowerBlock [1 << blockBits]rune
)

// propStage and lowerStage are tables in two stages: the upper bits of a code
// point choose a block, the lower ones the value in it. Most of Unicode shares
// a few uniform blocks, so both together stay below 100 kB.
var (
	propStage  = buildProps()
	lowerStage = buildLowers()
)

func buildProps() *[(utf8.MaxRune + 1) >> blockBits]*propBlock {
	stage := new([(utf8.MaxRune + 1) >> blockBits]*propBlock)
	uniform := map[uint8]*propBlock{0: new(propBlock)}
	for i := range stage {
		stage[i] = uniform[0]
	}
	for _, run := range properties {
		for lo := run.lo; lo <= run.hi; {
			i := lo >> blockBits
			end := min(run.hi, i<<blockBits|(1<<blockBits-1))
			if end-lo == 1<<blockBits-1 {
				if uniform[run.prop] == nil {
					b := new(propBlock)
					for j := range b {
						b[j] = run.prop
					}
					uniform[run.prop] = b
				}
				stage[i] = uniform[run.prop]
			} else {
				if stage[i] == uniform[0] {
					stage[i] = new(propBlock)
				}
				for c := lo; c <= end; c++ {
					stage[i][c&(1<<blockBits-1)] = run.prop
				}
			}
			lo = end + 1
		}
	}
	return stage
}

func buildLowers() *[(utf8.MaxRune + 1) >> blockBits]*lowerBlock {
	stage := new([(utf8.MaxRune + 1) >> blockBits]*lowerBlock)
	empty := new(lowerBlock)
	for i := range stage {
		stage[i] = empty
	}
	for _, run := range lowers {
		for c := run.lo; c <= run.hi; c += run.stride {
			if stage[c>>blockBits] == empty {
				stage[c>>blockBits] = new(lowerBlock)
			}
			stage[c>>blockBits][c&(1<<blockBits-1)] = run.delta
		}
	}
	return stage
}

func property(r rune) uint8 {
	if uint32(r) > utf8.MaxRune {
		return 0
	}
	return propStage[r>>blockBits][r&(1<<blockBits-1)]
}

// IsWordRune reports whether r is a letter, a mark or a digit.
func IsWordRune(r rune) bool { return property(r)&propWord != 0 }

// lowerRune lower-cases r where that needs neither context nor a second code
// point: not for İ and Σ.
func lowerRune(r rune) rune {
	return r + lowerStage[r>>blockBits][r&(1<<blockBits-1)]
}

// The two code points that lowerRune leaves alone, and what they become.
const (
	dottedI      = 'İ'
	dottedILower = "i\u0307"
	sigma        = 'Σ'
	sigmaLower   = 'σ'
	sigmaFinal   = 'ς'
	apostrophe   = '’' // counts as '
)
