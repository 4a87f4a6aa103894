/// Rows of one page, the most that the core gives.
let pageSize = 100

/// All pages of a list that is never long.
func allPages<Row>(_ read: (Page) throws -> [Row]) rethrows -> [Row] {
    var all: [Row] = []
    while true {
        let page = try read(Page(skipCount: UInt32(all.count), takeCount: UInt32(pageSize)))
        all += page
        if page.count < pageSize { return all }
    }
}
