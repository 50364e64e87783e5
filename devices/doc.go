// Package devices is the domain of Gatehouse: what a device is, may do and has
// done. Its centre is Control, the live model of every site and the only way to
// order a device about. It knows nothing of MQTT, HTTP or SQL: those stand behind
// the interfaces Link, News, Keys and Store, and behind the callers of
// HandleReports, Presence and Send.
//
// # What it promises
//
//   - Nothing is shown or answered that is not committed: Store, then memory, then
//     News, in this order, and each thing's revisions only rise.
//   - An order never waits longer than 150 ms for its record: then it is sent, and
//     shown as record pending until the store has it. It is the one thing that is
//     shown before it is committed, and it says so.
//   - A command is sent at most once, only to a live connection, only before its
//     deadline; it never waits for a device. What became of it is told by its
//     ladder (package command), and never better than it is known.
//   - A device is shown as it reported itself on its present connection; until
//     that report, and once its reports stop coming or it is offline, its state is
//     unknown: never the last value. One clock decides that, the platform's.
//   - What holds an opening, locks it down or releases it for fire is a layer
//     (package arbiter): the strongest rules, each is set and released by itself,
//     and the device is told the mode until it reports it. A momentary order never
//     cancels a layer; one that a layer refuses is refused with its name.
//   - A fire release is latched before the first command, needs no store, waits for
//     nothing, and stands until it is ended.
//   - A message that cannot be understood is kept with its bytes and the name of
//     the wrong field. It never stops its device.
//
// # Words
//
// The same word stands for the same thing in Go, SQL, JSON, topics and console.
//
//	site         小区/园区     one property, with its own time zone
//	zone         区域          a part of a site: building, entrance, garage
//	device       设备          a gate, a turnstile or a camera
//	gate         道闸/大门/门   barrier, sliding gate, door
//	turnstile    闸机          people pass one by one, in and out
//	retired      已退役        out of service for good; its history stays
//	successor    接替设备      took a retired device's place, and goes on with its history
//	camera       摄像头        takes pictures
//	picture      图片          what a camera took, under one of its events; thumbnail 缩略图: the same, small
//	plate        车牌          of a vehicle, as a camera read it; form 格式: which one of GA 36-2018
//	reading      识别          all that a camera said of one plate within 10 s: one car
//	retention    保存期        for how long, and in how much space, pictures are kept
//	link         连接          online 在线, offline 离线 (since, cause), never seen 从未上线
//	heartbeat lost 状态上报中断 connected and silent: offline until the next report
//	flapping     时断时续      a link that comes and goes: told rarely until it is quiet
//	span         在线时段      one time of being online, with why it ended
//	outage       中断          a drop that lasts longer than the grace time of the kind
//	availability 在线率        the part of the known time in which a device was online
//	mode         模式          controlled 受控, held open 常开, held closed 常闭, locked down 封控, fire release 消防联动
//	opening      通道          what opens by itself: a gate, one direction of a turnstile
//	layer        层级          fire 消防, lockdown 封控, hold 人工保持, schedule 时间表: why an opening is as it is
//	ruling       生效          the layer that decides, and its mode
//	fire group   消防分组      openings that a fire release opens together
//	fire input   消防信号输入  a device whose event fire releases a group
//	latch        锁存          the file that says which fire groups are released
//	proof        证明          of an opening in a fire release: told, confirmed, seconds
//	physical     物理状态      open 开, opening 正在开, closed 关, closing 正在关, stopped 停, fault 故障, unknown 未知
//	tamper       防拆          the housing was opened
//	fault        故障          a device's own code
//	power        供电          mains 市电, battery 电池, low 电量低
//	clock drift  时钟偏差      how far a device's clock is ahead of the order clock
//	telemetry    遥测          voltage, temperature, signal; its loss is fine
//	doubt        存疑          why what a device does now is not known: never seen, offline, not reported, too old
//	change       变化          what a device reported otherwise than before
//	setting      参数          form 形式, pulse 脉冲时长, open time 开启超时时间, fail 断电时, heartbeat 上报间隔
//	configuration 配置         the settings that are wanted of a device, by revision
//	drift        配置偏离      a device reports other settings than are wanted of it
//	action       动作          open 开闸, close 关闸, stop 停止, pass 放行, snapshot 抓拍, record 录像, restart 重启,
//	             set_time 校时, mode 模式
//	command      指令          one order, with its ladder
//	unsigned     未签名        a device that does not verify who ordered it
//	record pending 尚未记录    a command that was sent, and that the store does not have yet
//	batch        批量指令      one order to many devices, with a command for each
//	ladder       指令进度      accepted 已受理, sent 已发送, delivered 已送达, done 已执行, confirmed 已确认,
//	                           did not move 未动作, refused 被拒绝, failed 失败, expired 已过期, cancelled 已撤销, uncertain 不确定
//	event        事件          something a device says once
//	passage      通行记录      granted 放行, denied 拒绝
//	movement     动作记录      of a leaf, with what triggered it
//	ban          封禁          what keeps a client, an address or a user name out of the broker
//	lobby        未知设备      where devices that nobody knows are listed, for a while
//	credential   凭证          what somebody showed: plate 车牌, card 卡
//	quarantine   隔离区        messages that could not be understood
//	alarm        报警          raised 报警中, acknowledged 已确认, over 已恢复未确认, resolved 已解除 (package alarms);
//	                           in a state: forced open 强行打开, held open too long 开启超时, as the opening calls it
//	severity     级别          critical 紧急, major 重要, minor 次要, warning 警告
//	mute         静音          keeps a device's alarms from being loud for a while
//	escalated    无人响应      of an alarm: nobody acknowledged it in time, and it became louder
//	statistics   统计          how quick and how busy devices were, by day (package statistics)
//	replay       回放          what happened around a moment, in one order (package replay)
//	actor        操作者        who wants something done: operator, schedule, system
//	role         角色          guard 保安, auditor 审计员, installer 安装人员, manager 物业经理, administrator 系统管理员
//	scope        权限范围      the sites, zones and hours that somebody's rights are limited to
//	reach        可及范围      what a scope leaves of the property at a moment
//	first password 初始密码    chosen for somebody, who has to change it
//	second factor 两步验证     one-time codes of a telephone; ten codes stand in for it 备用码
//	audit        审计          one line per write
//	tally        今日统计      passages, ledger rows, takings, quarantined messages of a day
//	revision     修订号        orders everything that is said about one site
//	epoch        连接序号      rises with each connection to this run of the server
//	heartbeat    心跳          every 5 s, the newest revision of a zone
package devices
