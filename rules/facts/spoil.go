package facts

import "reflect"

// spoilMemory writes over everything that the memory of facts holds.
func spoilMemory(m *Memory) {
	spoilValue(reflect.ValueOf(m.facts).Elem())
	for i := range m.texts.octets[:cap(m.texts.octets)] {
		m.texts.octets[:cap(m.texts.octets)][i] = 0xa5
	}
	for i := range m.numbers {
		m.numbers[i] = -0x5a5a5a5a
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
