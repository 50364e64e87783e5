package roster

import (
	"slices"
	"strings"

	"gatehouse/devices"
)

// columns are those that a file needs; it may have others. Of these the settings of
// devices are read, and the rest is not. Names are matched in any case.
var columns = []string{"site", "zone", "kind", "name"}

// written are the columns of a file that is made here, in their order.
func written() []string {
	return slices.Concat(devices.RosterColumns(), []string{"config", "id", "link", "firmware", "created"})
}

// chinese are the names of columns as a file in 简体中文 has them.
var chinese = map[string]string{
	"site": "小区/园区", "zone": "区域", "kind": "类型", "name": "名称",
	"form": "形式", "pulse": "脉冲时长(毫秒)", "pulse_in": "进向脉冲时长(毫秒)", "pulse_out": "出向脉冲时长(毫秒)",
	"open_time": "开启超时(秒)", "fail": "断电时", "heartbeat": "上报间隔(秒)",
	"config": "配置状态", "id": "设备ID", "link": "连接", "firmware": "固件", "created": "登记时间",
}

// words are values as a file in 简体中文 has them, by column.
var words = map[string]map[string]string{
	"kind":   {"gate": "道闸/门", "turnstile": "闸机", "camera": "摄像头"},
	"form":   {"barrier": "道闸", "sliding": "平移门", "door": "门禁门"},
	"fail":   {"safe": "断电开", "secure": "断电闭"},
	"link":   {"online": "在线", "offline": "离线", "never_seen": "从未连接"},
	"config": {"applied": "与期望一致", "pending": "下发中", "drifting": "配置偏离", "unreported": "设备不上报配置", "unknown": "目前未知"},
}

// kinds are other names of kinds.
var kinds = map[string]devices.KindName{
	"道闸": devices.Gate, "大门": devices.Gate, "门": devices.Gate, "道闸/门": devices.Gate, "闸机": devices.Turnstile, "摄像头": devices.Camera,
}

func kindOf(text string) devices.KindName {
	if known, ok := kinds[text]; ok {
		return known
	}
	return devices.KindName(strings.ToLower(text))
}

// valueOf is what a setting is called on the wire.
func valueOf(column, text string) string {
	for value, word := range words[column] {
		if text == word {
			return value
		}
	}
	if words[column] != nil {
		return strings.ToLower(text)
	}
	return text
}

// wordOf is a value in the language of the file.
func wordOf(l Language, column, value string) string {
	if word, ok := words[column][value]; ok && l == Chinese {
		return word
	}
	return value
}

// headOf are the names of the columns in the language of the file.
func headOf(l Language) []string {
	head := written()
	if l == Chinese {
		for i, column := range head {
			head[i] = chinese[column]
		}
	}
	return head
}
