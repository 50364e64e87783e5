import { ref } from 'vue'

/** What stands before the title of the page, for whoever looks at another tab. */
export const notice = ref('')
