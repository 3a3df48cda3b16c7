package hfbeam

import (
	"fmt"
	"unicode/utf8"
)

// Slice returns the part of a text that a model's result points to: from start, up to but not including end. Both count
// Unicode code points, as all positions in results do (start and end of entities and answers), while Go's slice expressions
// count bytes:
//
//	answer, err := hfbeam.Slice(row.Text, row.Answer.Start, row.Answer.End)
//
// The positions may be pointers, as in structs for results whose positions may be null. It returns an *Error with the code
// InvalidElement if a position is nil, or is not in the text.
func Slice[P int64 | *int64](text string, start, end P) (string, error) {
	from, to := position(start), position(end)
	if from == nil || to == nil {
		return "", newError(InvalidElement, "expected a start and an end, found null, which is what some tokenizers give", "",
			"Use the text of the result, such as word, instead.")
	}
	length := int64(utf8.RuneCountInString(text))
	if *from < 0 || *to < *from || *to > length {
		return "", newError(InvalidElement,
			fmt.Sprintf("expected positions within a text of %d characters, found %d to %d", length, *from, *to), "",
			"Pass the text that the model read.")
	}
	first := offset(text, *from)
	return text[first : first+offset(text[first:], *to-*from)], nil
}

func position[P int64 | *int64](p P) *int64 {
	switch p := any(p).(type) {
	case *int64:
		return p
	case int64:
		return &p
	}
	return nil
}

// offset returns the number of bytes of the first code points of a text.
func offset(text string, count int64) int {
	for i := range text {
		if count == 0 {
			return i
		}
		count--
	}
	return len(text)
}
