import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'

// The date picker asks dayjs where a week starts: here on Monday, in every language.
Object.assign(dayjs.Ls.en!, { weekStart: 1 })
