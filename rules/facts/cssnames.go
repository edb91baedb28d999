package facts

import (
	"bytes"
	"slices"
	"sort"
	"strings"
)

// minInOrder is the size of a style sheet up to which it is searched from its start to its end for each class.
const minInOrder = 2 << 10

// cssNames finds what stands behind dots in a style sheet that may grow. A long sheet is brought into order once, so that asking it for
// many classes takes no longer than reading it.
type cssNames struct {
	spans []span32 // what stands between two dots, in order
	last  int      // the dot behind them, from where the sheet is not in order
	size  int      // of the sheet when it was brought into order, 0 for never
}

type span32 struct{ from, to int32 }

// has tells whether "." and class stand in the sheet. It is the same sheet each time, or a longer one.
func (n *cssNames) has(sheet []byte, class string) bool {
	if len(sheet)-n.size > max(minInOrder, n.size/2) {
		n.sort(sheet)
	}
	if n.size == 0 || strings.IndexByte(class, '.') >= 0 {
		return strings.Contains(viewOf(sheet), "."+class)
	}
	if n.last < 0 {
		return strings.Contains(viewOf(sheet[n.size:]), "."+class)
	}
	if len(sheet) > n.size {
		if strings.Contains(viewOf(sheet[n.last:]), "."+class) {
			return true
		}
	} else if strings.HasPrefix(viewOf(sheet[n.last+1:]), class) {
		return true
	}
	text := func(i int) string { return viewOf(sheet[n.spans[i].from:n.spans[i].to]) }
	i := sort.Search(len(n.spans), func(i int) bool { return text(i) >= class })
	return i < len(n.spans) && strings.HasPrefix(text(i), class)
}

func (n *cssNames) sort(sheet []byte) {
	n.spans, n.last, n.size = n.spans[:0], bytes.IndexByte(sheet, '.'), len(sheet)
	for n.last >= 0 {
		from := n.last + 1
		k := bytes.IndexByte(sheet[from:], '.')
		if k < 0 {
			break
		}
		n.last = from + k
		n.spans = append(n.spans, span32{int32(from), int32(n.last)})
	}
	slices.SortFunc(n.spans, func(a, b span32) int { return bytes.Compare(sheet[a.from:a.to], sheet[b.from:b.to]) })
}
