package plates

import (
	"strings"
	"unicode/utf8"
)

// Form is which plate of GA 36-2018 it is by its characters; empty: none of them.
type Form string

// The forms of the standard.
const (
	Ordinary  Form = "ordinary"   // 粤B12345
	NewEnergy Form = "new_energy" // 粤BD12345, 粤B12345D
	Learner   Form = "learner"    // 京A0236学
	Police    Form = "police"     // 京A0006警
	Trailer   Form = "trailer"    // 京A0236挂
	HongKong  Form = "hong_kong"  // 粤Z1234港
	Macao     Form = "macao"      // 粤Z1234澳
	Consulate Form = "consulate"  // 沪A0023领
	Embassy   Form = "embassy"    // 使014578, 京A0006使
)

// The characters of plates.
const (
	provinces = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
	letters   = "ABCDEFGHJKLMNPQRSTUVWXYZ" // I and O are not used in numbers
	digits    = "0123456789"
	energy    = "ABCDEFGHJK" // of new-energy cars: D and F, and those that were added
)

// lasts are plates of a province, a letter, four characters and a last one that says
// what the car is.
var lasts = map[rune]Form{
	'学': Learner, '警': Police, '挂': Trailer, '港': HongKong, '澳': Macao, '领': Consulate, '使': Embassy,
}

// FormOf is the form of a normalised plate.
func FormOf(plate string) Form {
	if number, ok := strings.CutPrefix(plate, "使"); ok {
		if len(number) == 6 && only(number, digits) {
			return Embassy
		}
		return ""
	}
	first, size := utf8.DecodeRuneInString(plate)
	rest := plate[size:]
	if size == 0 || !strings.ContainsRune(provinces, first) || rest == "" || !strings.Contains(letters+"O", rest[:1]) {
		return ""
	}
	return formOfNumber(first, rest[:1], rest[1:])
}

// formOfNumber is the form of what follows the province and its letter.
func formOfNumber(province rune, letter, number string) Form {
	if last, size := utf8.DecodeLastRuneInString(number); size > 1 {
		form, known := lasts[last]
		front := number[:len(number)-size]
		border := form == HongKong || form == Macao
		if !known || len(front) != 4 || !only(front, letters+digits) || border && (province != '粤' || letter != "Z") {
			return ""
		}
		return form
	}
	switch {
	case len(number) == 5 && only(number, letters+digits):
		return Ordinary
	case len(number) != 6:
		return ""
	case only(number[:1], energy) && only(number[1:2], letters+digits) && only(number[2:], digits):
		return NewEnergy // a small car
	case only(number[:5], digits) && only(number[5:], energy):
		return NewEnergy // a large one
	}
	return ""
}

func only(s, of string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(of, r) })
}
