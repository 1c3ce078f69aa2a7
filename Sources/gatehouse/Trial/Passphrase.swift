import GatehouseCore

/// Passwords that a person can type: four words of a list, drawn at random.
enum Passphrase {
    /// A new one, of 28 bits: enough for a demo that only this machine can reach, and for the
    /// rules that every password must meet.
    static func new() -> String {
        let indices = Random.bytes(4).map { Int($0) % words.count }
        return indices.map { words[$0] }.joined(separator: "-")
    }

    private static let words = [
        "acorn", "amber", "anvil", "apron", "arrow", "aspen", "badge", "bagel", "banjo", "basil",
        "beach", "birch", "bison", "blaze", "bloom", "board", "brick", "brook", "brush", "cabin",
        "camel", "canoe", "cedar", "chalk", "cider", "cliff", "cloud", "clove", "comet", "coral",
        "crane", "crown", "curry", "daisy", "delta", "denim", "diver", "drift", "eagle", "ember",
        "fable", "falcon", "fern", "field", "finch", "flame", "flint", "flute", "frost", "gecko",
        "ginger", "glade", "globe", "grape", "gravel", "grove", "hazel", "heron", "honey", "hotel",
        "igloo", "iris", "ivory", "jetty", "jolly", "karma", "kayak", "kiosk", "koala", "lemon",
        "lilac", "linen", "llama", "lotus", "lunar", "maple", "marble", "meadow", "melon", "mango",
        "nectar", "noble", "north", "novel", "oasis", "ocean", "olive", "onyx", "opera", "orbit",
        "otter", "paddle", "panda", "pearl", "pebble", "piano", "plaza", "plume", "polar", "poppy",
        "prism", "quartz", "quilt", "raven", "ridge", "river", "robin", "rocket", "saddle", "sage",
        "sail", "sequoia", "shell", "sierra", "spruce", "stone", "sunny", "tango", "thyme", "tiger",
        "topaz", "tulip", "velvet", "violet", "walnut", "willow", "wren", "zephyr",
    ]
}
