// Stands in for the part of SwiftUI that App/ uses, to type-check it where there is no SwiftUI. Never shipped, never run. Not compiled into
// anything: README.md says what it proves.
// As SwiftUI does.
@_exported import Foundation
@_exported import Observation

public typealias CGFloat = Double

// Views and how they are put together.
@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder var body: Body { get }
}
extension Never: View { public var body: Never { fatalError() } }
@MainActor public protocol Leaf: View where Body == Never {}
extension Leaf { public var body: Never { fatalError() } }
/// What each change of a view gives.
public struct Changed<Content: View>: Leaf {}
public struct Several<Content>: Leaf {}
public struct Either<First: View, Second: View>: Leaf {}
public struct EmptyView: Leaf { public init() {} }
extension Optional: View where Wrapped: View { public var body: Never { fatalError() } }

@MainActor @resultBuilder public struct ViewBuilder {
    public static func buildBlock() -> EmptyView { fatalError() }
    public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
    public static func buildBlock<each Content: View>(_ content: repeat each Content) -> Several<(repeat each Content)> { fatalError() }
    public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
    public static func buildEither<First: View, Second: View>(first: First) -> Either<First, Second> { fatalError() }
    public static func buildEither<First: View, Second: View>(second: Second) -> Either<First, Second> { fatalError() }
}

/// What stands for the view that a modifier changes.
public struct ModifiedContent: Leaf {}
@MainActor @preconcurrency public protocol ViewModifier {
    associatedtype Body: View
    typealias Content = ModifiedContent
    @ViewBuilder func body(content: Content) -> Body
}

// State.
@MainActor @propertyWrapper public struct State<Value> {
    public init(wrappedValue: Value) {}
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set {}
    }
    public var projectedValue: Binding<Value> { fatalError() }
}
@MainActor @propertyWrapper public struct Binding<Value> {
    public init(get: @escaping @MainActor () -> Value, set: @escaping @MainActor (Value) -> Void) {}
    public var wrappedValue: Value {
        get { fatalError() }
        nonmutating set {}
    }
}
@MainActor @dynamicMemberLookup @propertyWrapper public struct Bindable<Object: AnyObject & Observable> {
    public init(wrappedValue: Object) {}
    public var wrappedValue: Object {
        get { fatalError() }
        set {}
    }
    public var projectedValue: Bindable<Object> { self }
    public subscript<Value>(dynamicMember path: ReferenceWritableKeyPath<Object, Value>) -> Binding<Value> { fatalError() }
}
public protocol EnvironmentKey {
    associatedtype Value
    static var defaultValue: Value { get }
}
public struct EnvironmentValues {
    public subscript<Key: EnvironmentKey>(key: Key.Type) -> Key.Value {
        get { fatalError() }
        set {}
    }
}
@MainActor @propertyWrapper public struct Environment<Value> {
    public init(_ path: KeyPath<EnvironmentValues, Value>) {}
    public var wrappedValue: Value { fatalError() }
}

// Looks.
public protocol ShapeStyle {}
public struct Color: ShapeStyle, Sendable { public init(red: Double, green: Double, blue: Double) {} }
public struct Hierarchy: ShapeStyle {}
extension ShapeStyle where Self == Hierarchy {
    public static var primary: Hierarchy { Hierarchy() }
    public static var secondary: Hierarchy { Hierarchy() }
}
public struct Bar: ShapeStyle {}
extension ShapeStyle where Self == Bar { public static var bar: Bar { Bar() } }
public enum Font { case largeTitle, headline, subheadline, footnote }
public enum HorizontalAlignment { case leading, center }
public enum Alignment { case leading, center }
public enum Axis { case vertical, horizontal }
public enum VerticalEdge { case top, bottom }
public struct AccessibilityTraits: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let isSelected = AccessibilityTraits(rawValue: 1)
}
public enum AccessibilityChildBehavior { case combine }
public struct ButtonRole {
    public static var destructive: ButtonRole { fatalError() }
    public static var cancel: ButtonRole { fatalError() }
}
public protocol PrimitiveButtonStyle {}
public struct Bordered: PrimitiveButtonStyle {}
public struct Borderless: PrimitiveButtonStyle {}
public struct BorderedProminent: PrimitiveButtonStyle {}
extension PrimitiveButtonStyle where Self == Bordered { public static var bordered: Bordered { Bordered() } }
extension PrimitiveButtonStyle where Self == Borderless { public static var borderless: Borderless { Borderless() } }
extension PrimitiveButtonStyle where Self == BorderedProminent {
    public static var borderedProminent: BorderedProminent { BorderedProminent() }
}

// Pieces.
public struct Text: Leaf {
    public init(_ text: String) {}
    public func font(_ font: Font) -> Text { self }
    public func bold() -> Text { self }
}
public struct Image: Leaf { public init(systemName: String) {} }
public struct Spacer: Leaf { public init() {} }
public struct ProgressView: Leaf {
    public init() {}
    public init(value: Double?, total: Double = 1) {}
}
public struct Button<Label: View>: Leaf {
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}
}
extension Button where Label == Text {
    public init(_ title: String, action: @escaping @MainActor () -> Void) {}
    public init(_ title: String, role: ButtonRole?, action: @escaping @MainActor () -> Void) {}
}
public struct Toggle: Leaf { public init(_ title: String, isOn: Binding<Bool>) {} }
public struct TextField: Leaf { public init(_ title: String, text: Binding<String>, axis: Axis) {} }
public struct VStack<Content: View>: Leaf {
    public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}
public struct HStack<Content: View>: Leaf { public init(spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {} }
public struct ScrollView<Content: View>: Leaf { public init(@ViewBuilder content: () -> Content) {} }
public struct List<Content: View>: Leaf { public init(@ViewBuilder content: () -> Content) {} }
public struct Form<Content: View>: Leaf { public init(@ViewBuilder content: () -> Content) {} }
public struct Group<Content: View>: Leaf { public init(@ViewBuilder content: () -> Content) {} }
public struct Section<Content: View>: Leaf {
    public init(@ViewBuilder content: () -> Content) {}
    public init(_ title: String, @ViewBuilder content: () -> Content) {}
}
public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content: View>: Leaf {
    public init(_ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content) {}
    public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content)
    where Data.Element: Identifiable, ID == Data.Element.ID {}
}
public struct NavigationStack<Path, Root: View>: Leaf {
    public init(path: Binding<Path>, @ViewBuilder root: () -> Root)
    where Path: MutableCollection & RandomAccessCollection & RangeReplaceableCollection, Path.Element: Hashable {}
}

// Changes of a view.
extension View {
    public func font(_ font: Font?) -> Changed<Self> { Changed() }
    public func foregroundStyle<Style: ShapeStyle>(_ style: Style) -> Changed<Self> { Changed() }
    public func background<Style: ShapeStyle>(_ style: Style) -> Changed<Self> { Changed() }
    public func tint(_ color: Color?) -> Changed<Self> { Changed() }
    public func padding() -> Changed<Self> { Changed() }
    public func frame(maxWidth: CGFloat? = nil, minHeight: CGFloat? = nil, alignment: Alignment = .center) -> Changed<Self> { Changed() }
    public func lineLimit(_ count: Int?) -> Changed<Self> { Changed() }
    public func lineLimit(_ range: PartialRangeFrom<Int>) -> Changed<Self> { Changed() }
    public func disabled(_ isDisabled: Bool) -> Changed<Self> { Changed() }
    public func buttonStyle<Style: PrimitiveButtonStyle>(_ style: Style) -> Changed<Self> { Changed() }
    public func id<ID: Hashable>(_ id: ID) -> Changed<Self> { Changed() }
    public func onAppear(perform act: (() -> Void)? = nil) -> Changed<Self> { Changed() }
    public func navigationTitle(_ title: String) -> Changed<Self> { Changed() }
    public func navigationDestination<Value: Hashable, Content: View>(
        for type: Value.Type, @ViewBuilder destination: @escaping (Value) -> Content
    ) -> Changed<Self> { Changed() }
    public func modifier<Modifier: ViewModifier>(_ modifier: Modifier) -> Changed<Self> { Changed() }
    public func toolbar<Content: View>(@ViewBuilder content: () -> Content) -> Changed<Self> { Changed() }
    public func searchable(text: Binding<String>, prompt: String) -> Changed<Self> { Changed() }
    public func safeAreaInset<Content: View>(edge: VerticalEdge, @ViewBuilder content: () -> Content) -> Changed<Self> { Changed() }
    public func alert<Actions: View, Message: View>(
        _ title: String, isPresented: Binding<Bool>, @ViewBuilder actions: () -> Actions, @ViewBuilder message: () -> Message
    ) -> Changed<Self> { Changed() }
    public func accessibilityElement(children: AccessibilityChildBehavior) -> Changed<Self> { Changed() }
    public func accessibilityLabel(_ label: String) -> Changed<Self> { Changed() }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> Changed<Self> { Changed() }
    public func environment<Value>(_ path: WritableKeyPath<EnvironmentValues, Value>, _ value: Value) -> Changed<Self> { Changed() }
}
