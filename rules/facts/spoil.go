package facts

import "reflect"

// spoilMemory writes over everything that the memory of facts holds.
func spoilMemory(m *Memory) {
	spoilValue(reflect.ValueOf(m.facts).Elem())
	spoilOctets(m.texts.octets)
	for i := range m.numbers {
		m.numbers[i] = -0x5a5a5a5a
	}
}

// spoilReading writes over what the facts of a message were made of.
func spoilReading(m *maker) {
	for _, b := range [][]byte{m.top.own, m.other.own, m.keys.octets, m.reader.scratch, m.piece, m.signatures.texts} {
		spoilOctets(b)
	}
}

func spoilOctets(b []byte) {
	b = b[:cap(b)]
	for i := range b {
		b[i] = 0xa5
	}
}

func spoilValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			spoilValue(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoilValue(v.Index(i))
		}
	case reflect.String:
		v.SetString("\xa5spoilt")
	case reflect.Int, reflect.Int64:
		v.SetInt(-0x5a5a5a5a)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	}
}
