package org.zoufang.app

import org.zoufang.core.Page

/** Rows of one page, the most that the core gives. */
internal const val PAGE_SIZE = 100

/** Every row of a list, page by page. */
internal fun <T> allPages(read: (Page) -> List<T>): List<T> = buildList {
    do {
        val page = read(Page(size.toUInt(), PAGE_SIZE.toUInt()))
        addAll(page)
    } while (page.size == PAGE_SIZE)
}
