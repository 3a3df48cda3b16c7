package contract

import (
	"fmt"
	"strings"
)

// Parse parses a type in the cases' notation.
func Parse(notation string) (Type, error) {
	t, rest, err := parseType(notation)
	if err == nil && rest != "" {
		err = fmt.Errorf("expected the end, found %q", rest)
	}
	if err != nil {
		return Type{}, fmt.Errorf("cannot read the type %q: %w", notation, err)
	}
	return t, nil
}

// parseType also returns the rest of the text.
func parseType(text string) (t Type, rest string, err error) {
	end := strings.IndexAny(text+">", "{<>}?, ")
	t.Name, rest = text[:end], text[end:]
	switch t.Name {
	case "":
		return t, rest, fmt.Errorf("expected a type, found %q", rest)
	case "ROW", "ARRAY", "ITERABLE", "MAP", "KV":
		if t.Parts, rest, err = parseParts(t.Name, rest); err != nil {
			return t, rest, err
		}
	}
	if expected, fixed := map[string]int{"ARRAY": 1, "ITERABLE": 1, "MAP": 2, "KV": 2}[t.Name]; fixed && expected != len(t.Parts) {
		return t, rest, fmt.Errorf("expected %s of %d, found %d", t.Name, expected, len(t.Parts))
	}
	rest, t.Nullable = strings.CutPrefix(rest, "?")
	return t, rest, nil
}

func parseParts(of, text string) (parts []Part, rest string, err error) {
	brackets := bracketsOf(of)
	rest, opened := strings.CutPrefix(text, brackets[:1])
	if !opened {
		return nil, text, fmt.Errorf("expected %s after %s, found %q", brackets[:1], of, text)
	}
	for {
		if after, closed := strings.CutPrefix(rest, brackets[1:]); closed {
			return parts, after, nil
		}
		if len(parts) > 0 {
			after, more := strings.CutPrefix(rest, ", ")
			if !more {
				return nil, rest, fmt.Errorf("expected a comma or %s, found %q", brackets[1:], rest)
			}
			rest = after
		}
		var part Part
		if of == "ROW" {
			part.Name, rest, _ = strings.Cut(rest, " ")
		}
		if part.Type, rest, err = parseType(rest); err != nil {
			return nil, rest, err
		}
		parts = append(parts, part)
	}
}
