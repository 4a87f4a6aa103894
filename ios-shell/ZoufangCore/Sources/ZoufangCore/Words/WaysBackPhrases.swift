import Foundation

extension Words {
    /// What was taken up, what was not needed, and what could not be, several of a kind and reason in one line.
    public func lines(of taken: TakenUp) -> [String] {
        var lines: [String] = []
        if taken.takenCount > 0 { lines.append(takenUp(taken.takenCount)) }
        if taken.knownCount > 0 { lines.append(takenUpKnown(taken.knownCount)) }
        if !taken.left.isEmpty { lines.append(takenUpLeft(taken.left.count)) }
        var groups: [(kind: String, reason: String, count: Int)] = []
        for left in taken.left {
            let (kind, reason) = (left.kind.map { of(.ofRecord(of: $0)) } ?? ofUnknownKind, title(of: left.reason))
            if let known = groups.firstIndex(where: { $0.kind == kind && $0.reason == reason }) {
                groups[known].count += 1
            } else {
                groups.append((kind, reason, 1))
            }
        }
        lines += groups.map { leftAside($0.kind, $0.reason, $0.count) }
        return lines.isEmpty ? [takenUpNothing] : lines
    }
}
