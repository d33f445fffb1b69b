/// In which order some numbered places were used last: a list that is linked both ways.
struct UseOrder: Sendable {
    private struct Links {
        /// The place that was used before this one.
        var older: Int?
        /// The place that was used after it.
        var newer: Int?
    }

    private var links: [Links] = []
    /// The place that has not been used for the longest time.
    private(set) var oldest: Int?
    private var newest: Int?

    /// Adds a place, whose number is how many there were before; it counts as used now.
    mutating func add() -> Int {
        let place = self.links.count
        self.links.append(Links())
        self.append(place)
        return place
    }

    /// Notes that a place is used now.
    mutating func use(_ place: Int) {
        guard place != self.newest else { return }
        let links = self.links[place]
        if let older = links.older { self.links[older].newer = links.newer } else { self.oldest = links.newer }
        if let newer = links.newer { self.links[newer].older = links.older }
        self.append(place)
    }

    private mutating func append(_ place: Int) {
        self.links[place] = Links(older: self.newest, newer: nil)
        if let newest = self.newest { self.links[newest].newer = place } else { self.oldest = place }
        self.newest = place
    }
}
