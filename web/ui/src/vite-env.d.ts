declare module 'element-plus/es/locale/lang/zh-cn.mjs'
declare module 'element-plus/es/locale/lang/en.mjs'
declare module 'element-plus/es/hooks/use-locale/index.mjs'
declare module 'cronstrue/locales/zh_CN'
